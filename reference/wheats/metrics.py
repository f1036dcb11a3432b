"""Other right answers for the accuracy and the one-hot encoder."""

from autograder.authoring import wheat

# ruff: noqa: F821  the names are those of the module that a method is put into


@wheat("CategoricalAccuracy.call")
def hits_over_samples(self, probs, labels):
    hits = np.argmax(np.asarray(probs), axis=1) == np.argmax(np.asarray(labels), axis=1)
    return float(np.count_nonzero(hits)) / len(hits)


@wheat("CategoricalAccuracy.call")
def last_of_equally_likely_classes(self, probs, labels):
    reversed_probs, reversed_labels = np.asarray(probs)[:, ::-1], np.asarray(labels)[:, ::-1]
    return np.mean(reversed_probs.argmax(axis=1) == reversed_labels.argmax(axis=1))


@wheat("OneHotEncoder.fit")
def classes_as_a_list(self, data):
    self.classes = np.array(sorted({int(label) for label in np.ravel(data)}))


@wheat("OneHotEncoder.call")
def rows_of_integers(self, data):
    if not hasattr(self, "classes"):
        self.fit(data)
    return (np.asarray(data)[:, np.newaxis] == self.classes).astype(int)


@wheat("OneHotEncoder.call")
def rows_of_booleans(self, data):
    if not hasattr(self, "classes"):
        self.fit(data)
    rows = np.equal.outer(np.asarray(data), self.classes)
    assert rows.any(axis=1).all()
    return rows


@wheat("OneHotEncoder.call")
def rows_from_a_mapping(self, data):
    if not hasattr(self, "classes"):
        self.fit(data)
    rows = {label: row for label, row in zip(self.classes.tolist(), np.eye(len(self.classes)))}
    return np.array([rows[label] for label in np.asarray(data).tolist()])


@wheat("OneHotEncoder.inverse")
def labels_in_a_list(self, data):
    return [self.classes[np.argmax(row)] for row in np.asarray(data)]
