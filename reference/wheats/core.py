"""Other right answers for what some editions leave to do in the core."""

from autograder.authoring import wheat

# ruff: noqa: F821  the names are those of the module that a method is put into


@wheat("Tensor.__new__")
def flag_set_by_hand(cls, data):
    if type(data) == cls:
        return data
    tensor = np.asarray(data).view(cls)
    tensor.trainable = True
    return tensor


@wheat("Variable.assign")
def entries_copied(self, value):
    np.copyto(self, value)
    return self


@wheat("Variable.assign")
def entries_of_the_first_axis(self, value):
    self[:] = value


@wheat("Weighted.trainable_variables")
def trainable_variables_in_a_loop(self):
    found = []
    for weight in self.weights:
        if getattr(weight, "trainable", True) is True:
            found.append(weight)
    return found


@wheat("Weighted.non_trainable_variables")
def frozen_weights_filtered(self):
    return tuple(filter(lambda weight: not weight.trainable, self.weights))


@wheat("Weighted.trainable")
def trainable_if_any_is(self):
    return any(weight.trainable for weight in self.weights)
