"""XTCE's types of parameters and arguments: how a field lies in the bytes, its unit, its range, its names."""

import xml.etree.ElementTree as ET

from host_tools.ground.model import Field

NAMESPACE = "http://www.omg.org/spec/XTCE/20180204"


def add(parent: ET.Element, tag: str, **attributes: str) -> ET.Element:
    """A new element at the end of `parent`."""
    return ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)


def type_name(name: str) -> str:
    """The name of the type of a parameter or an argument."""
    return f"{name}_type"


def add_type(types: ET.Element, of: str, name: str, field: Field) -> None:
    """The type of one "Parameter" or "Argument": Enumerated with labels, Float with a q, else Integer."""
    labels = field.labels
    kind = "Enumerated" if labels else "Float" if field.q else "Integer"
    attributes = {"name": type_name(name)}
    if kind == "Integer":
        attributes |= {"signed": str(field.type.signed).lower(), "sizeInBits": str(field.type.bits)}
    elif kind == "Float":
        attributes["sizeInBits"] = "64"
    element = add(types, f"{kind}{of}Type", **attributes)
    units = add(element, "UnitSet")
    if field.unit:
        add(units, "Unit").text = field.unit
    _add_encoding(element, field)
    if labels:
        enumeration = add(element, "EnumerationList")
        for label, value in labels:
            add(enumeration, "Enumeration", value=str(value), label=label)
    elif (field.least, field.most) != (field.type.least, field.type.most) or field.type.bits == 32:
        _add_range(element, of, field)


def _add_encoding(element: ET.Element, field: Field) -> None:
    encoding = "twosComplement" if field.type.signed else "unsigned"
    data = add(element, "IntegerDataEncoding", sizeInBits=str(field.type.bits), encoding=encoding)
    if field.q and not field.labels:
        polynomial = add(add(data, "DefaultCalibrator"), "PolynomialCalibrator")
        add(polynomial, "Term", coefficient=repr(2.0**-field.q), exponent="1")


def _add_range(element: ET.Element, of: str, field: Field) -> None:
    """The declared range, as the value has it: an argument's range stands one level deeper."""
    if field.q:
        least, most = repr(field.least / 2**field.q), repr(field.most / 2**field.q)
    else:
        least, most = str(field.least), str(field.most)
    if of == "Argument":
        add(add(element, "ValidRangeSet"), "ValidRange", minInclusive=least, maxInclusive=most)
    else:
        add(element, "ValidRange", minInclusive=least, maxInclusive=most)
