#!/bin/sh
# Certificates for the cluster, in the folder that is named: sh deploy/certificates.sh /etc/bn-lab-tls
# Scheduler, workers and web processes take only whom ca.pem vouches for. Every machine gets ca.pem, cert.pem and key.pem,
# readable by the user bn-lab alone; ca.key signs further ones and stays at home.
set -e
umask 077
mkdir -p "$1"
cd "$1"
new="openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650"
$new -subj "/CN=Batch Norm Lab" -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem
printf '[req]\ndistinguished_name = name\n[name]\n' > none.cnf
$new -config none.cnf -CA ca.pem -CAkey ca.key -subj "/CN=bn-lab" -addext basicConstraints=critical,CA:FALSE \
    -addext authorityKeyIdentifier=keyid -addext subjectAltName=DNS:bn-lab -keyout key.pem -out cert.pem
rm none.cnf
