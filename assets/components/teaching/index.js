import { Teaching } from "./teaching.js";

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bnl-teaching");
  root.teaching ??= new Teaching(root, data);
  root.teaching.update(data);
  return () => {
    root.teaching?.close();
    delete root.teaching;
  };
}
