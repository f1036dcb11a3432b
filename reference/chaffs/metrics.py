"""Mistakes in the accuracy and the one-hot encoder."""

from autograder.authoring import chaff

# ruff: noqa: F821  the names are those of the module that a method is put into


@chaff("CategoricalAccuracy.call", costs={"6.5": 1.25, "6.7": 0.25})
def largest_of_the_whole_batch(self, probs, labels):
    """The largest entry of the whole batch is looked for: each sample has its own. Which axis is that
    of the classes?
    """
    return np.mean(np.argmax(probs) == np.argmax(labels))


@chaff("CategoricalAccuracy.call", costs={"6.5": 1.25, "6.7": 0.25, "6.8": 0.25})
def largest_of_every_class(self, probs, labels):
    """The largest entry of each column is looked for: which axis is that of the classes?"""
    return np.mean(np.argmax(probs, axis=0) == np.argmax(labels, axis=0))


@chaff("CategoricalAccuracy.call", costs={"6.5": 1.25, "6.6": 1, "6.7": 0.25, "6.8": 0.25, "6.9": 0.25})
def compared_with_the_one_hot_rows(self, probs, labels):
    """Class numbers are compared with one-hot rows: both sides need to be the same kind of thing."""
    return np.mean(np.argmax(probs, axis=-1)[:, np.newaxis] == labels)


@chaff("CategoricalAccuracy.call", costs={"6.5": 1.25, "6.6": 1, "6.7": 0.25})
def probabilities_compared(self, probs, labels):
    """Probabilities are compared with ones and zeros: which class does the model choose?"""
    return np.mean(probs == labels)


@chaff("CategoricalAccuracy.call", costs={"6.5": 1.25, "6.6": 1, "6.7": 0.25, "6.8": 0.25, "6.9": 0.25})
def mask_returned(self, probs, labels):
    """What comes back says for each sample whether it is right: the share of them is asked for."""
    return np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1)


@chaff("CategoricalAccuracy.call", costs={"6.5": 1.25, "6.6": 1, "6.7": 0.25, "6.8": 0.25, "6.9": 0.25})
def hits_counted(self, probs, labels):
    """The right answers are counted: their share is asked for."""
    return np.sum(np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1))


@chaff("CategoricalAccuracy.call", costs={"6.5": 1.25, "6.6": 1, "6.7": 0.25, "6.8": 0.25, "6.9": 0.25})
def share_of_errors(self, probs, labels):
    """This is the share of samples that are wrong."""
    return np.mean(np.argmax(probs, axis=-1) != np.argmax(labels, axis=-1))


@chaff("CategoricalAccuracy.call", costs={"6.5": 1.25, "6.6": 1, "6.7": 0.25, "6.8": 0.25, "6.9": 0.25})
def in_percent(self, probs, labels):
    """The accuracy is in percent: a share from 0 to 1 is asked for."""
    return 100 * np.mean(np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1))


@chaff("CategoricalAccuracy.call", costs={"6.5": 1.25})
def more_than_half(self, probs, labels):
    """A class counts as chosen when its probability is above one half: the largest one is chosen,
    however small it is.
    """
    return np.mean(np.all((probs > 0.5) == labels, axis=-1))


@chaff("OneHotEncoder.call", costs={"6.2": 1, "6.4": 0.75, "6.10": 0.25, "6.11": 0.25, "6.12": 0.25, "6.13": 0.25})
def label_for_an_index(self, data):
    """The label is used as the number of its column: labels may have gaps, or be no numbers at all."""
    rows = np.eye(len(self.classes))
    return Tensor(rows[np.asarray(data)])


@chaff("OneHotEncoder.call", costs={"6.3": 1, "6.10": 0.25, "6.12": 0.25})
def fitted_again(self, data):
    """The encoder is fitted again on every call: a batch in which a class is missing gets narrower rows."""
    self.fit(data)
    rows = np.eye(len(self.classes))
    return Tensor(rows[np.searchsorted(self.classes, np.asarray(data))])


@chaff("OneHotEncoder.call", costs={"6.2": 1, "6.4": 0.75, "6.10": 0.25, "6.11": 0.25, "6.12": 0.25, "6.13": 0.25})
def columns_up_to_the_largest_label(self, data):
    """There is a column for every number up to the largest label: one for each label that occurs is
    asked for.
    """
    return Tensor(np.eye(int(np.max(self.classes)) + 1)[np.asarray(data)])


@chaff(
    "OneHotEncoder.call",
    costs={"6.1": 1.25, "6.2": 1, "6.3": 1, "6.10": 0.25, "6.11": 0.25, "6.12": 0.25, "6.13": 0.25},
)
def rows_of_twos(self, data):
    """A row should hold a single one: it holds other numbers."""
    rows = np.eye(len(self.classes)) + 1
    return Tensor(rows[np.searchsorted(self.classes, np.asarray(data))])


@chaff(
    "OneHotEncoder.call",
    costs={"6.1": 1.25, "6.2": 1, "6.3": 1, "6.4": 0.75, "6.10": 0.25, "6.11": 0.25, "6.12": 0.25, "6.13": 0.25},
)
def rows_lie_flat(self, data):
    """The result is transposed: a sample should be a row."""
    rows = np.eye(len(self.classes))
    return Tensor(rows[np.searchsorted(self.classes, np.asarray(data))].T)


@chaff(
    "OneHotEncoder.fit", costs={"6.1": 1.25, "6.2": 1, "6.3": 1, "6.10": 0.25, "6.11": 0.25, "6.12": 0.25, "6.13": 0.25}
)
def duplicates_kept(self, data):
    """Each sample has become a class of its own: the distinct labels are meant."""
    self.classes = np.sort(np.asarray(data))


@chaff(
    "OneHotEncoder.fit",
    costs={"6.1": 1.25, "6.2": 1, "6.3": 1, "6.4": 0.75, "6.10": 0.25, "6.11": 0.25, "6.12": 0.25, "6.13": 0.25},
)
def largest_label_left_out(self, data):
    """One label is missing from the classes: a range ends before its end."""
    self.classes = np.arange(np.max(data))


@chaff("OneHotEncoder.inverse", costs={"6.4": 0.75, "6.11": 0.25, "6.12": 0.25, "6.13": 0.25})
def indices_for_labels(self, data):
    """`inverse` gives the numbers of the columns: which labels do they stand for?"""
    return Tensor(np.argmax(data, axis=-1))


@chaff("OneHotEncoder.inverse", costs={"6.4": 0.75, "6.11": 0.25, "6.12": 0.25, "6.13": 0.25})
def inverse_over_the_samples(self, data):
    """`inverse` looks for the one in every column: a sample is a row."""
    return Tensor(self.classes[np.argmax(data, axis=0) % len(self.classes)])


@chaff("OneHotEncoder.inverse", costs={"6.4": 0.75, "6.11": 0.25, "6.12": 0.25, "6.13": 0.25})
def inverse_over_everything(self, data):
    """`inverse` looks for a single one in the whole batch: each row has its own."""
    return Tensor(self.classes[np.argmax(data) % len(self.classes)])


@chaff("CategoricalAccuracy.call", costs={"6.7": 0.25})
def accuracy_as_a_running_mean(self, probs, labels):
    """The accuracy is a mean over all calls so far: every batch has an accuracy of its own."""
    hits = np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1)
    self.hits = [*getattr(self, "hits", []), *np.asarray(hits).tolist()]
    return np.mean(self.hits)


@chaff("CategoricalAccuracy.call", costs={"6.8": 0.25})
def one_class_taken_for_two(self, probs, labels):
    """With a single class every sample is right: the largest of one probability is the first."""
    predictions = np.round(probs[:, 0]) if probs.shape[-1] == 1 else np.argmax(probs, axis=-1)
    return np.mean(predictions == np.argmax(labels, axis=-1))


@chaff("CategoricalAccuracy.call", costs={"6.9": 0.25})
def ties_always_right(self, probs, labels):
    """A sample counts as right if no class is likelier than the true one, also where all are equally likely."""
    return np.mean(np.sum(np.asarray(probs) * labels, axis=-1) >= np.max(probs, axis=-1))


@chaff("OneHotEncoder.call", costs={"6.10": 0.25})
def fitted_to_unseen_labels(self, data):
    """Labels that the encoder has not seen change the columns of those that it has: raise an exception instead."""
    if not hasattr(self, "classes") or not np.isin(data, self.classes).all():
        self.classes = np.unique(np.asarray(data))
    return Tensor(np.eye(len(self.classes))[np.searchsorted(self.classes, data)])


@chaff("OneHotEncoder.call", costs={"6.10": 0.25})
def unseen_label_takes_the_next_row(self, data):
    """A label that the encoder was not fitted to gets the row of the next larger label, in silence."""
    if not hasattr(self, "classes"):
        self.fit(data)
    return Tensor(np.eye(len(self.classes))[np.searchsorted(self.classes, np.asarray(data))])


@chaff("OneHotEncoder.fit", costs={"6.11": 0.25})
def fitted_once_for_all(self, data):
    """An encoder that was fitted before is not fitted again: the labels of the last fit count."""
    if not hasattr(self, "classes"):
        self.classes = np.unique(np.asarray(data))


@chaff("OneHotEncoder.fit", costs={"6.11": 0.25})
def classes_shared_by_all_encoders(self, data):
    """The labels are kept in the class: the encoder that is fitted last sets those of all others."""
    type(self).classes = np.unique(np.asarray(data))


@chaff("OneHotEncoder.call", costs={"6.12": 0.25})
def single_label_squeezed(self, data):
    """A single label has a row, and a single class a column: the result keeps both of its axes."""
    if not hasattr(self, "classes"):
        self.fit(data)
    labels = np.asarray(data)
    if not np.isin(labels, self.classes).all():
        raise ValueError("there is an unknown label")
    return np.squeeze(np.eye(len(self.classes))[np.searchsorted(self.classes, labels)])


@chaff("OneHotEncoder.call", costs={"6.13": 0.25})
def fit_not_made_up_for(self, data):
    """An encoder that was never fitted raises: it should be fitted to what it is called with."""
    labels = np.asarray(data)
    if not np.isin(labels, self.classes).all():
        raise ValueError("there is an unknown label")
    return Tensor(np.eye(len(self.classes))[np.searchsorted(self.classes, labels)])


@chaff("OneHotEncoder.fit", costs={"6.11": 0.25, "6.13": 0.25})
def labels_sorted_in_place(self, data):
    """The labels are sorted in place: they belong to the caller, whose images keep their order."""
    data.sort()
    self.classes = np.unique(data)


@chaff("CategoricalAccuracy.call", costs={"6.8": 0.25})
def probabilities_rounded(self, probs, labels):
    """The probabilities are rounded before the largest is looked for: of classes that are close, the first is taken."""
    return np.mean(np.argmax(np.round(probs, 2), axis=-1) == np.argmax(labels, axis=-1))


@chaff("OneHotEncoder.fit", costs={"6.12": 0.25})
def labels_in_a_byte(self, data):
    """The labels are kept as unsigned bytes: those above 255 become others."""
    self.classes = np.unique(np.asarray(data).astype(np.uint8))


@chaff("OneHotEncoder.inverse", costs={"6.12": 0.25})
def labels_in_a_column(self, data):
    """`inverse` gives the right labels, and not as an array of shape (N,), one number for each row: take away the
    axes of length 1.
    """
    return Tensor(self.classes[np.argmax(data, axis=-1)][:, np.newaxis])


@chaff("OneHotEncoder.fit", costs={"6.2": 1, "6.10": 0.25, "6.11": 0.25, "6.12": 0.25, "6.13": 0.25})
def classes_up_to_the_largest_label(self, data):
    """There is a column for every number up to the largest label: one for each label that occurs is asked for."""
    self.classes = np.arange(np.max(data) + 1)
