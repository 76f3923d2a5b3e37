"""The dictionary as XTCE 1.2 (OMG, namespace 20180204), for ground systems that read it.

Every packet of the link is a container below `CCSDSPacket`, commands too, for whoever listens; each event is
one with an argument of its own. What can be sent is a MetaCommand besides. Field x of packet p is p_x; a mask
is one parameter for each bit; x with a q is calibrated to its value.
"""

import hashlib
import xml.etree.ElementTree as ET
from dataclasses import replace

from host_tools.ground.model import Dictionary, Field, Packet, Parameter, Type
from host_tools.ground.xtce_types import NAMESPACE, add, add_type, type_name

_HEADER = (  # 133.0-B-2, 4.1.3; the names that XTCE files of space packets use
    ("VERSION", 3, "Packet version number, 0"),
    ("TYPE", 1, "0 telemetry, 1 command"),
    ("SEC_HDR_FLG", 1, "Secondary header flag, 0"),
    ("PKT_APID", 11, "Board * 256 + function; the addressee of a command, the sender of telemetry"),
    ("SEQ_FLGS", 2, "3: unsegmented"),
    ("SRC_SEQ_CTR", 14, "Sequence count of the sender for this APID"),
    ("PKT_LEN", 16, "Bytes after the header, less 1"),
)
_TRAILER = ("CRC_32", 32, "CRC-32 of zlib over all before it")
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "https://www.omg.org/spec/XTCE/20180204/SpaceSystem.xsd"
_ROOT = "CCSDSPacket"
_EVENT = "event"
_ARGUMENT = "argument"
_NO_OR_YES = (("no", 0), ("yes", 1))
_UNSEGMENTED = 0xC000
_HEADER_BYTES = 6


def xtce(dictionary: Dictionary) -> bytes:
    """The XML file, the same bytes for the same dictionary."""
    ET.register_namespace("", NAMESPACE)
    ET.register_namespace("xsi", _INSTANCE)
    root = ET.Element(f"{{{NAMESPACE}}}SpaceSystem", name="Plumbline")
    root.set(f"{{{_INSTANCE}}}schemaLocation", f"{NAMESPACE} {_SCHEMA}")
    version = hashlib.sha256(repr(dictionary).encode()).hexdigest()[:8]
    add(root, "Header", version=version, validationStatus="Working")
    _Telemetry(add(root, "TelemetryMetaData"), dictionary)
    _commands(add(root, "CommandMetaData"), [packet for packet in dictionary.packets if packet.is_command])
    ET.indent(root)
    return ET.tostring(root, "utf-8", xml_declaration=True) + b"\n"


class _Telemetry:
    """Types, parameters and containers of all packets; parameters that no packet carries, with defaults."""

    def __init__(self, parent: ET.Element, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._types = add(parent, "ParameterTypeSet")
        self._parameters = add(parent, "ParameterSet")
        self._containers = add(parent, "ContainerSet")
        root = add(self._containers, "SequenceContainer", name=_ROOT, abstract="true")
        entries = add(root, "EntryList")
        for name, bits, text in (*_HEADER, _TRAILER):
            self._parameter(name, self._raw(name, bits, text))
            if name != _TRAILER[0]:
                add(entries, "ParameterRefEntry", parameterRef=name)
        for packet in dictionary.packets:
            self._packet(packet)
        for parameter in dictionary.parameters:
            self._constant(parameter)

    @staticmethod
    def _raw(name: str, bits: int, text: str) -> Field:
        kind = Type("", bits, False, "", 0, 2**bits - 1)
        return Field(name, kind, text, "", 0, kind.most, 0, (), ())

    def _parameter(self, name: str, field: Field, **attributes: str) -> ET.Element:
        add_type(self._types, "Parameter", name, field)
        attributes = {"name": name, "parameterTypeRef": type_name(name), **attributes}
        return add(self._parameters, "Parameter", shortDescription=field.text, **attributes)

    def _packet(self, packet: Packet) -> None:
        abstract = packet.name == _EVENT
        container = add(self._containers, "SequenceContainer", name=packet.name)
        container.set("shortDescription", packet.text)
        if abstract:
            container.set("abstract", "true")
        entries = add(container, "EntryList")
        first = _first_of_its_own(packet) if abstract else len(packet.fields)
        for field in packet.fields[:first]:
            self._field(entries, f"{packet.name}_{field.name}", field)
        self._restrict(container, packet)
        if abstract:
            self._events(packet)
        else:
            add(entries, "ParameterRefEntry", parameterRef=_TRAILER[0])

    def _field(self, entries: ET.Element, name: str, field: Field) -> None:
        """One field, a mask bit by bit from the most significant one."""
        if not field.flags:
            self._parameter(name, field)
            add(entries, "ParameterRefEntry", parameterRef=name)
            return
        spare = field.type.bits - len(field.flags)
        if spare:
            self._parameter(f"{name}_spare", self._raw(name, spare, "Bits without a meaning"))
            add(entries, "ParameterRefEntry", parameterRef=f"{name}_spare")
        for flag in reversed(field.flags):
            bit = self._raw(flag, 1, f"{field.text}: {flag.replace('_', ' ')}")
            self._parameter(f"{name}_{flag}", replace(bit, labels=_NO_OR_YES))
            add(entries, "ParameterRefEntry", parameterRef=f"{name}_{flag}")

    def _restrict(self, container: ET.Element, packet: Packet) -> None:
        """The type bit, and an APID of one of the boards that may be in it."""
        base = add(container, "BaseContainer", containerRef=_ROOT)
        criteria = add(base, "RestrictionCriteria")
        apids = [(board << 8) | packet.function for board in self._dictionary.senders(packet)]
        kind = str(int(packet.is_command))
        if len(apids) == 1:
            both = add(criteria, "ComparisonList")
            add(both, "Comparison", parameterRef="TYPE", value=kind)
            add(both, "Comparison", parameterRef="PKT_APID", value=str(apids[0]))
            return
        both = add(add(criteria, "BooleanExpression"), "ANDedConditions")
        _condition(both, "TYPE", kind)
        either = add(both, "ORedConditions")
        for apid in apids:
            _condition(either, "PKT_APID", str(apid))

    def _events(self, packet: Packet) -> None:
        """A container for each event: its argument under its own name, in its own unit."""
        unnamed, *behind = packet.fields[_first_of_its_own(packet) :]
        for field in behind:
            self._parameter(f"{packet.name}_{field.name}", field)
        for event in self._dictionary.events:
            container = add(self._containers, "SequenceContainer", name=f"{_EVENT}_{event.name}")
            container.set("shortDescription", f"{event.text} ({event.severity})")
            entries = add(container, "EntryList")
            self._field(entries, f"{_EVENT}_{event.name}_{_ARGUMENT}", event.argument or unnamed)
            for field in behind:
                add(entries, "ParameterRefEntry", parameterRef=f"{packet.name}_{field.name}")
            add(entries, "ParameterRefEntry", parameterRef=_TRAILER[0])
            criteria = add(add(container, "BaseContainer", containerRef=_EVENT), "RestrictionCriteria")
            of = {"parameterRef": f"{_EVENT}_id", "useCalibratedValue": "false"}
            add(criteria, "Comparison", value=str(event.number), **of)

    def _constant(self, parameter: Parameter) -> None:
        """A parameter of a board with its default, where it has one default only."""
        name = f"{parameter.owner}_{parameter.name.replace('.', '_')}"
        kind = Type("", 32, True, "", -(2**30), 2**30 - 1)
        least, most = parameter.least, parameter.most
        field = Field(name, kind, parameter.text, parameter.unit, least, most, parameter.q, (), ())
        values = {value for _, value in parameter.defaults}
        initial = {}
        if len(values) == 1:
            integer = values.pop()
            initial["initialValue"] = repr(integer / 2**parameter.q) if parameter.q else str(integer)
        element = self._parameter(name, field, **initial)
        add(element, "ParameterProperties", dataSource="constant", readOnly="true")


def _first_of_its_own(packet: Packet) -> int:
    """Where an event's argument stands, from which on each event has entries of its own."""
    return next(index for index, field in enumerate(packet.fields) if field.name == _ARGUMENT)


def _condition(parent: ET.Element, parameter: str, value: str) -> None:
    condition = add(parent, "Condition")
    add(condition, "ParameterInstanceRef", parameterRef=parameter)
    add(condition, "ComparisonOperator").text = "=="
    add(condition, "Value").text = value


def _commands(parent: ET.Element, packets: list[Packet]) -> None:
    """What can be sent. Sequence count and CRC are fixed to 0 here: the link's end has to fill them in."""
    types = add(parent, "ArgumentTypeSet")
    commands = add(parent, "MetaCommandSet")
    for packet in packets:
        command = add(commands, "MetaCommand", name=packet.name, shortDescription=packet.text)
        arguments = add(command, "ArgumentList")
        container = add(command, "CommandContainer", name=f"{packet.name}_packet")
        entries = add(container, "EntryList")
        identification = 0x1000 | (packet.board << 8) | packet.function
        length = packet.size - _HEADER_BYTES - 1
        for name, value in (("id", identification), ("sequence", _UNSEGMENTED), ("length", length)):
            _fixed(entries, name, f"{value:04X}")
        for field in packet.fields:
            name = f"{packet.name}_{field.name}"
            add_type(types, "Argument", name, field)
            described = {"name": field.name, "argumentTypeRef": type_name(name)}
            add(arguments, "Argument", shortDescription=field.text, **described)
            add(entries, "ArgumentRefEntry", argumentRef=field.name)
        _fixed(entries, "crc", "00000000")


def _fixed(entries: ET.Element, name: str, digits: str) -> None:
    add(entries, "FixedValueEntry", name=name, binaryValue=digits, sizeInBits=str(4 * len(digits)))
