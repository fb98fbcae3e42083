# The first part of the script for every run: training/export/script.py joins them and keeps what one run needs.
"""Networks that differ in one thing, trained side by side on the same batches."""

# %% Setup
import csv
import functools
import os
import re

# As the studio computes, so that the numbers agree to the last digit: on the processor, by one thread, each sum in the
# order in which it is written.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

# %% The run
data = "digits"
table = "table.csv"  # your table, in the folder of this script
encoding = "utf-8-sig"
separator = ","
rows_above = 1  # above the data, not counting empty ones
row_width = 3  # cells in a row of data
class_column = 2  # counted from 0, like the columns of numbers
class_names = ["no", "yes"]  # in the order of the network's outputs
feature_columns = {"x1": 0, "x2": 1}
without_gaps = []  # where one of these holds no number, the row is left out
decimal_comma = False
stray = False
ragged = False
leaves_classes = False
gaps = False
fills_gaps = False
noise = 0.1  # of the points
train_share = 0.75  # the rest is for validation
normalize_inputs = False
network = "dense"
layers = 4
width = 32
use_bias = True
norm = "none"
activation = "relu"
initializer = keras.initializers.GlorotUniform
weight_scale = 1.0  # times the usual initial weights
momentum = 0.99  # of batch norm: the share of the OLD running statistic that is kept
epsilon = 0.001  # added to the variance
dropout = 0.0
optimizer = functools.partial(keras.optimizers.SGD, momentum=0.9)
learning_rate = 0.1
weight_decay = 0.0  # of the kernels alone
batch_size = 64
sorted_batches = False
epochs = 30
steps = 630
target_accuracy = 0.95  # on the validation data; training ends once every network is there
seed = 0
# In which each network differs from the others
lanes = {
    "1 · no normalization": {
        "norm": "none",
        "layers": 4,
        "width": 32,
        "use_bias": True,
        "activation": "relu",
        "initializer": keras.initializers.GlorotUniform,
        "weight_scale": 1.0,
        "momentum": 0.99,
        "epsilon": 0.001,
        "dropout": 0.0,
        "optimizer": keras.optimizers.SGD,
        "learning_rate": 0.1,
        "weight_decay": 0.0,
    },
}
# What changes under way: step: batch size
new_batch_size = {}
# What changes under way: step: {network: learning rate}
new_learning_rate = {}
# What changes under way: step: [(network, the one that it goes on from, what is new)]
changes = {}
validations = []  # after how many steps the target is looked for
networks = 1  # how many are trained in the end
print_every = 63  # steps
epochs_count = False
other_optimizer = False
draws = True
