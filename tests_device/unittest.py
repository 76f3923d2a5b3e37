"""The part of CPython's unittest that device tests use, for a board, with results that a program reads.

MicroPython's own unittest is not in the firmware, and the one on PyPI is a bare file that reports in prose;
this one says a line of JSON behind MARK for each thing that happens. A test written for it runs under
micropython-lib's unittest, too. Tests of a class run in the order of their names.

    unittest.run("test_clock")
"""

import gc
import io
import json
import sys
import time

MARK = "#plumbline "


class SkipTest(Exception):
    """Raised to leave a test out; says why."""


def say(what, **about):
    """One line for the runner."""
    about["what"] = what
    print(MARK + json.dumps(about))


def skip(reason):
    """Decorator: leave this test out."""

    def decorate(_test):
        def left_out(_self):
            raise SkipTest(reason)

        return left_out

    return decorate


def skipIf(condition, reason):
    """Decorator: leave this test out where `condition` is true."""
    return skip(reason) if condition else lambda test: test


def skipUnless(condition, reason):
    """Decorator: leave this test out where `condition` is false."""
    return skipIf(not condition, reason)


class _Raises:
    """What `with self.assertRaises(kind)` needs."""

    def __init__(self, kind):
        self.kind = kind
        self.exception = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _traceback):
        self.exception = error
        if kind is None:
            raise AssertionError(self.kind.__name__ + " was not raised")
        return issubclass(kind, self.kind)


class TestCase:
    """A class of tests: methods that begin with `test_`."""

    def setUp(self):
        """Before each test."""

    def tearDown(self):
        """After each test, also after one that failed."""

    def fail(self, message="this should not have happened"):
        raise AssertionError(message)

    def skipTest(self, reason):
        raise SkipTest(reason)

    def assertTrue(self, value, message=""):
        if not value:
            raise AssertionError(message or "%r is not true" % (value,))

    def assertFalse(self, value, message=""):
        if value:
            raise AssertionError(message or "%r is not false" % (value,))

    def assertEqual(self, first, second, message=""):
        if first != second:
            self._differ("%r is not %r" % (first, second), message)

    def assertNotEqual(self, first, second, message=""):
        if first == second:
            self._differ("%r is what it should not be" % (first,), message)

    def assertLess(self, first, second, message=""):
        if not first < second:
            self._differ("%r is not less than %r" % (first, second), message)

    def assertLessEqual(self, first, second, message=""):
        if not first <= second:
            self._differ("%r is more than %r" % (first, second), message)

    def assertGreater(self, first, second, message=""):
        if not first > second:
            self._differ("%r is not more than %r" % (first, second), message)

    def assertRaises(self, kind, function=None, *arguments):
        """As a context manager, or with the function that is to raise."""
        context = _Raises(kind)
        if function is None:
            return context
        with context:
            function(*arguments)
        return context

    def _differ(self, text, message):
        raise AssertionError(message + ": " + text if message else text)


def _tests(module, only):
    """(class, name of the method) of each test, or of the one method that is asked for."""
    found = []
    for class_name in sorted(dir(module)):
        thing = getattr(module, class_name)
        if isinstance(thing, type) and issubclass(thing, TestCase) and thing is not TestCase:
            for name in sorted(dir(thing)):
                if name == only if only else name.startswith("test_"):
                    found.append((thing, name))
    return found


def _run_one(kind, name):
    """Run one test and say what became of it; returns "passed", "failed" or "skipped"."""
    case = kind()
    say("run", name=name)
    begun = time.ticks_ms()
    result, why, trace = "passed", "", ""
    try:
        case.setUp()
        try:
            getattr(case, name)()
        finally:
            case.tearDown()
    except SkipTest as error:
        result, why = "skipped", str(error)
    except Exception as error:  # noqa: BLE001  (whatever a test raises is its result)
        result, why = "failed", type(error).__name__ + ": " + str(error)
        text = io.StringIO()
        sys.print_exception(error, text)
        trace = text.getvalue()
    took_ms = time.ticks_diff(time.ticks_ms(), begun)
    say(result, name=name, why=why, trace=trace, took_ms=took_ms)
    return result


def run(module_name, only=None, done=()):
    """Run the tests of a module but those in `done`, or the one method called `only`, and say the sum."""
    gc.threshold(4096)  # or each import leaves holes in the heap, and no large buffer fits
    module = __import__(module_name)
    gc.collect()
    gc.threshold(-1)
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for kind, name in _tests(module, only):
        if name not in done:
            count[_run_one(kind, name)] += 1
    say("end", module=module_name, **count)
