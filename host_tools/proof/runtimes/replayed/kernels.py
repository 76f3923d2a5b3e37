"""Every kernel that flight code calls, one after the other, over one pool of arrays.

Which those are, with the names of their arrays, is told by a file that the host writes from the
kernels themselves, so that a new kernel is replayed without a change here. Between two calls the
vectors may refill an array with anything that its declared ranges allow.
"""

from array import array


def read_calls(path: str) -> list:
    """(module, function, its parameters) of each line `module function name:size name ...`."""
    calls = []
    with open(path) as lines:
        for line in lines:
            words = line.split()
            parameters = []
            for word in words[2:]:
                name, _, size = word.partition(":")
                parameters.append((name, int(size or "0")))
            calls.append((words[0], words[1], parameters))
    return calls


class Call:
    """One kernel and what it is called with: arrays from the pool and integers from the vectors."""

    def __init__(self, module: str, function: str, parameters: list, pool: dict) -> None:
        self.name = module + "." + function
        self.kernel = getattr(__import__("plumbline.kernels." + module, None, None, (function,)), function)
        self.arrays = []
        self.layout = [(self.name, "result", 1, 4)]
        self.parameters = parameters
        for name, size in parameters:
            if size:
                if name not in pool:
                    pool[name] = array("i", [0] * size)
                self.arrays.append(pool[name])
                self.layout.append((self.name, name, size, 4))
        # whether each array is refilled, then the integers
        self.head = array("i", [0] * len(parameters))
        self.result = array("i", [0])
        self.pool = pool

    def step(self, source, target) -> None:
        """Refill, call, write the result and every array."""
        source.readinto(self.head)
        arguments = []
        for index, (name, size) in enumerate(self.parameters):
            if not size:
                arguments.append(self.head[index])
                continue
            if self.head[index]:
                source.readinto(self.pool[name])
            arguments.append(self.pool[name])
        self.result[0] = self.kernel(*arguments)
        target.write(self.result)
        for values in self.arrays:
            target.write(values)


class Kernels:
    """A step is one call of each kernel."""

    def __init__(self, calls: list) -> None:
        pool: dict = {}
        self.calls = [Call(module, function, parameters, pool) for module, function, parameters in calls]
        self.layout = [part for call in self.calls for part in call.layout]

    def step(self, source, target) -> None:
        """One call of each."""
        for call in self.calls:
            call.step(source, target)
