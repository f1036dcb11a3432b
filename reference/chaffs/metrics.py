"""Mistakes in the accuracy and the one-hot encoder."""

from autograder.authoring import chaff

# ruff: noqa: F821  the names are those of the module that a method is put into


@chaff("CategoricalAccuracy.call", costs={"6.5": 2})
def largest_of_the_whole_batch(self, probs, labels):
    """The largest entry of the whole batch is looked for: each sample has its own. Which axis is that
    of the classes?
    """
    return np.mean(np.argmax(probs) == np.argmax(labels))


@chaff("CategoricalAccuracy.call", costs={"6.5": 2})
def largest_of_every_class(self, probs, labels):
    """The largest entry of each column is looked for: which axis is that of the classes?"""
    return np.mean(np.argmax(probs, axis=0) == np.argmax(labels, axis=0))


@chaff("CategoricalAccuracy.call", costs={"6.5": 2, "6.6": 1})
def compared_with_the_one_hot_rows(self, probs, labels):
    """Class numbers are compared with one-hot rows: both sides need to be the same kind of thing."""
    return np.mean(np.argmax(probs, axis=-1)[:, np.newaxis] == labels)


@chaff("CategoricalAccuracy.call", costs={"6.5": 2, "6.6": 1})
def probabilities_compared(self, probs, labels):
    """Probabilities are compared with ones and zeros: which class does the model choose?"""
    return np.mean(probs == labels)


@chaff("CategoricalAccuracy.call", costs={"6.5": 2, "6.6": 1})
def mask_returned(self, probs, labels):
    """What comes back says for each sample whether it is right: the share of them is asked for."""
    return np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1)


@chaff("CategoricalAccuracy.call", costs={"6.5": 2, "6.6": 1})
def hits_counted(self, probs, labels):
    """The right answers are counted: their share is asked for."""
    return np.sum(np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1))


@chaff("CategoricalAccuracy.call", costs={"6.5": 2, "6.6": 1})
def share_of_errors(self, probs, labels):
    """This is the share of samples that are wrong."""
    return np.mean(np.argmax(probs, axis=-1) != np.argmax(labels, axis=-1))


@chaff("CategoricalAccuracy.call", costs={"6.5": 2, "6.6": 1})
def in_percent(self, probs, labels):
    """The accuracy is in percent: a share from 0 to 1 is asked for."""
    return 100 * np.mean(np.argmax(probs, axis=-1) == np.argmax(labels, axis=-1))


@chaff("CategoricalAccuracy.call", costs={"6.5": 2})
def more_than_half(self, probs, labels):
    """A class counts as chosen when its probability is above one half: the largest one is chosen,
    however small it is.
    """
    return np.mean(np.all((probs > 0.5) == labels, axis=-1))


@chaff("OneHotEncoder.call", costs={"6.2": 1, "6.4": 1})
def label_for_an_index(self, data):
    """The label is used as the number of its column: labels may have gaps, or be no numbers at all."""
    rows = np.eye(len(self.classes))
    return Tensor(rows[np.asarray(data)])


@chaff("OneHotEncoder.call", costs={"6.3": 1})
def fitted_again(self, data):
    """The encoder is fitted again on every call: a batch in which a class is missing gets narrower rows."""
    self.fit(data)
    rows = np.eye(len(self.classes))
    return Tensor(rows[np.searchsorted(self.classes, np.asarray(data))])


@chaff("OneHotEncoder.call", costs={"6.2": 1, "6.4": 1})
def columns_up_to_the_largest_label(self, data):
    """There is a column for every number up to the largest label: one for each label that occurs is
    asked for.
    """
    return Tensor(np.eye(int(np.max(self.classes)) + 1)[np.asarray(data)])


@chaff("OneHotEncoder.call", costs={"6.1": 2, "6.2": 1, "6.3": 1})
def rows_of_twos(self, data):
    """A row should hold a single one: it holds other numbers."""
    rows = np.eye(len(self.classes)) + 1
    return Tensor(rows[np.searchsorted(self.classes, np.asarray(data))])


@chaff("OneHotEncoder.call", costs={"6.1": 2, "6.2": 1, "6.3": 1, "6.4": 1})
def rows_lie_flat(self, data):
    """The result is transposed: a sample should be a row."""
    rows = np.eye(len(self.classes))
    return Tensor(rows[np.searchsorted(self.classes, np.asarray(data))].T)


@chaff("OneHotEncoder.fit", costs={"6.1": 2, "6.2": 1, "6.3": 1})
def duplicates_kept(self, data):
    """Each sample has become a class of its own: the distinct labels are meant."""
    self.classes = np.sort(np.asarray(data))


@chaff("OneHotEncoder.fit", costs={"6.1": 2, "6.2": 1, "6.3": 1, "6.4": 1})
def largest_label_left_out(self, data):
    """One label is missing from the classes: a range ends before its end."""
    self.classes = np.arange(np.max(data))


@chaff("OneHotEncoder.inverse", costs={"6.4": 1})
def indices_for_labels(self, data):
    """`inverse` gives the numbers of the columns: which labels do they stand for?"""
    return Tensor(np.argmax(data, axis=-1))


@chaff("OneHotEncoder.inverse", costs={"6.4": 1})
def inverse_over_the_samples(self, data):
    """`inverse` looks for the one in every column: a sample is a row."""
    return Tensor(self.classes[np.argmax(data, axis=0) % len(self.classes)])


@chaff("OneHotEncoder.inverse", costs={"6.4": 1})
def inverse_over_everything(self, data):
    """`inverse` looks for a single one in the whole batch: each row has its own."""
    return Tensor(self.classes[np.argmax(data) % len(self.classes)])
