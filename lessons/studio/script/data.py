# The second part of the script for every run, with the names of the first: the examples.

# %% Data


def moons(label):
    """400 points along a half circle; the second one hangs below the first."""
    angle = np.linspace(0, np.pi, 400)
    arch = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return arch - [0.5, 0.25] if label == 0 else [0.5, 0.25] - arch


def circles(label):
    """400 points along a circle, around or within the other one."""
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    return (1.2, 0.5)[label] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def spirals(label):
    """400 points along an arm that winds 1.75 times."""
    way = np.linspace(1 / 400, 1, 400)
    angle = 2 * np.pi * 1.75 * way + np.pi * label
    return 1.4 * way[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def xor(label):
    """400 points whose coordinates have equal signs, or different ones."""
    points = draw.uniform(0, 1.2, (400, 2)) * draw.choice([-1.0, 1.0], (400, 1))
    return points * [1, 1 - 2 * label]


def number(cell):
    """The number in a cell; NaN where it holds none that can be used."""
    try:
        value = float(cell)
    except ValueError:
        return np.nan
    return value if abs(value) <= 1e30 and "_" not in cell else np.nan


if data == "digits":
    # 1797 images of 8 × 8 pixels, as rows of 64 numbers from 0 to 1.
    x, y = load_digits(return_X_y=True)
    x = x / 16.0
if data in ("moons", "circles", "spirals", "xor"):
    draw = np.random.default_rng(seed)
    if data == "moons":
        x = np.concatenate([moons(0), moons(1)])
    if data == "circles":
        x = np.concatenate([circles(0), circles(1)])
    if data == "spirals":
        x = np.concatenate([spirals(0), spirals(1)])
    if data == "xor":
        x = np.concatenate([xor(0), xor(1)])
    y = np.repeat([0, 1], 400)
    order = draw.permutation(800)
    x, y = x[order] + noise * draw.standard_normal((800, 2)), y[order]
if data == "gaussians":
    # Two round clouds, around (−0.7, −0.7) and (0.7, 0.7).
    y = np.arange(800) % 2
    x = 0.7 * (2 * y[:, None] - 1) + (0.35 + noise) * np.random.default_rng(seed).standard_normal((800, 2))
if data == "own":
    with open(table, encoding=encoding, newline="") as file:
        lines = list(file)
    if stray:
        # Characters that show nothing, or that only turn the direction of what is beside them.
        control = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
        invisible = r"[\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
        lines = [re.sub(f"{control}|{invisible}", "", line) for line in lines]
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator, skipinitialspace=True)]
    rows = [row for row in rows if any(row)][rows_above:]
    if ragged:
        # Rows with more or fewer cells are left out.
        rows = [row for row in rows if len(row) >= row_width and not any(row[row_width:])]
    if leaves_classes:
        # Rows without a class, or with one that is left out.
        rows = [row for row in rows if row[class_column] in class_names]
    y = np.array([class_names.index(row[class_column]) for row in rows])
    x = [[row[column] for column in feature_columns.values()] for row in rows]
    if decimal_comma:
        x = [[cell.replace(",", ".") for cell in row] for row in x]
    if gaps:
        x = np.array([[number(cell) for cell in row] for row in x])
    else:
        x = np.array([[float(cell) for cell in row] for row in x])
    if without_gaps:
        whole = ~np.isnan(x[:, [list(feature_columns).index(name) for name in without_gaps]]).any(axis=1)
        x, y = x[whole], y[whole]
x, y = x.astype("float32"), y.astype("int32")
order = np.random.default_rng(seed).permutation(len(x))
cut = round(train_share * len(x))
x_train, y_train = x[order[:cut]], y[order[:cut]]
x_valid, y_valid = x[order[cut:]], y[order[cut:]]
if fills_gaps:
    # With the median of the training data, in both parts.
    median = np.nanmedian(x_train, axis=0)
    x_train, x_valid = np.where(np.isnan(x_train), median, x_train), np.where(np.isnan(x_valid), median, x_valid)
if normalize_inputs:
    # With the mean and variance of the training data, for both parts. A column that is constant there is only shifted:
    # over its deviation of 0, another value in the validation data would come out huge.
    mean, variance = x_train.mean(axis=0), x_train.var(axis=0)
    normalization = keras.layers.Normalization(mean=mean, variance=np.where(variance == 0, 1, variance))
    x_train, x_valid = normalization(x_train).numpy(), normalization(x_valid).numpy()
