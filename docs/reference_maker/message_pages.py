"""The pages of messages: operations, the social report, faults, the trail header, code lists and types."""

from dataclasses import dataclass

from reference_maker import rules
from reference_maker.code_pages import code_link
from reference_maker.schema import Contract, SimpleType, local
from reference_maker.services import Operation, Service
from reference_maker.tables import APART, MessageTables, sections, table
from reference_maker.wording import Wording, anchor, visible
from rse_gateway.contract.catalogue import Catalogue

_CONTRACT_FILES = "../../../wsdl"
_LEG_OPERATION = "provideSocialReport"


@dataclass(frozen=True, slots=True)
class MessagePages:
    """Writes the lines of each page in one language."""

    contract: Contract
    services: tuple[Service, ...]
    catalogue: Catalogue
    words: Wording

    @property
    def tables(self) -> MessageTables:
        """Return the writer of message tables."""
        return MessageTables(self.contract, self.words)

    def operation(self, service: Service, operation: Operation) -> list[str]:
        """Return an operation: who calls it where, request, response, faults, code lists."""
        words, contract = self.words, self.contract
        request, response = contract.roots[operation.request], contract.roots[operation.response]
        lines = [words.say(operation.what), "", *self._facts(service, operation), ""]
        lines += [f"## {words.label('request')}", "", self._root(operation.request), ""]
        lines += self.tables.write(request.type_name, words.label("request"))
        lines += [f"## {words.label('response')}", "", self._root(operation.response), ""]
        known = sections(contract, request.type_name)
        lines += self.tables.write(response.type_name, words.label("response"), known)
        base = local(contract.complex[contract.roots[operation.fault].type_name].base or "")
        sentence = words.label("fault_sentence", element=local(operation.fault), anchor=base.lower())
        lines += [f"## {words.label('faults')}", "", sentence, ""]
        return lines + self._lists_of(request.type_name, response.type_name)

    def social_report(self) -> list[str]:
        """Return the block that has a page of its own."""
        (name,) = [name for name in self.contract.complex if local(name) == APART]
        lines = [self.words.label("report_intro"), "", *self.tables.write(name, "socialReport")]
        return lines + self._lists_of(name)

    def faults(self) -> list[str]:
        """Return what stands in the detail of a fault, which element of which service, and the codes."""
        words, contract = self.words, self.contract
        rows, bases = [], dict[str, None]()
        for service in self.services:
            fault = contract.roots[service.operations[0].fault]
            base = contract.complex[fault.type_name].base or fault.type_name
            bases[base] = None
            link = f"[{local(base)}](#{local(base).lower()})"
            rows.append((f"`{service.name}`", f"`{fault.name}`", link, words.say(fault.meaning.texts)))
        titles = [words.label(name) for name in ("service", "fault", "type", "meaning")]
        lines = [words.label("faults_intro"), "", f"## {words.label('fault_elements')}", ""]
        lines += [*table(titles, rows), f"## {words.label('fault_codes')}", ""]
        lines += [
            f"- {code_link(code)} {entry.texts[words.language.upper()]}"
            for code, entry in self.catalogue.entries.items()
            if "fault" in entry.where
        ]
        for base in bases:
            name, meaning = local(base), contract.complex[base].meaning
            lines += ["", f"## {name}", "", f"{words.say(meaning.texts)} {words.source_note(meaning)}", ""]
            lines += self.tables.write(base, name)
        return lines

    def trail_header(self) -> list[str]:
        """Return the SOAP header of the double log."""
        (name,) = [name for name in self.contract.roots if local(name) == "trail"]
        root = self.contract.roots[name]
        lines = [self.words.label("trail_intro"), "", self.words.say(root.meaning.texts), ""]
        lines += [self.words.item("namespace", f"`{_namespace(name)}`"), ""]
        return lines + self.tables.write(root.type_name, "trail")

    def code_lists(self) -> list[str]:
        """Return every code list with its labels."""
        words = self.words
        lines = [words.label("code_lists_intro"), ""]
        for simple in self._simple(with_codes=True):
            rows = [(f"`{value}`", words.say(label.texts)) for value, label in simple.codes]
            titles = [words.label("code"), words.label("label")]
            lines += [f"## {simple.name}", "", *self._described(simple), *table(titles, rows)]
        return lines

    def types(self) -> list[str]:
        """Return every other type: forms of values with their patterns, then blocks."""
        words = self.words
        lines = [words.label("types_intro"), "", f"## {words.label('simple_types')}", ""]
        for simple in self._simple(with_codes=False):
            lines += [f"### {simple.name}", "", *self._described(simple)]
            lines.append(words.item("form", words.form(simple)))
            if "pattern" in simple.facets:
                lines.append(words.item("pattern", f"`{visible(simple.facets['pattern'])}`"))
            lines.append("")
        lines += [f"## {words.label('complex_types')}", ""]
        for block in sorted(self.contract.complex.values(), key=lambda one: one.name.lower()):
            holds = ", ".join(f"`{member.name}`" for member in block.members)
            if block.base is not None:
                base = local(block.base)
                holds = f"{words.label('based_on')} [{base}](#{base.lower()})"
            lines += [f"### {block.name}", ""]
            lines += [f"{words.say(block.meaning.texts)} {words.source_note(block.meaning)}", ""]
            lines += [words.item("elements", holds), ""]
        return lines

    def _facts(self, service: Service, operation: Operation) -> list[str]:
        words = self.words
        known = words.data["services"][service.name]
        action = f"`{operation.soap_action}` ({words.label('soap_action_note')})"
        lines = [
            words.item("service", f"`{service.name}`. {words.say(service.what)}"),
            words.item("who", words.say(known["who"])),
            words.item("address", words.say(words.data["addresses"][known["at"]], path=service.path)),
            words.item("soap_action", action),
            words.item("namespace", f"`{_namespace(operation.request)}`"),
            words.item("wsdl", f"[{service.file}]({_CONTRACT_FILES}/{service.file})"),
        ]
        roles, bounds = rules.roles_of(operation.name), rules.bounds_of(service.name)
        if roles:
            lines.append(words.item("roles", ", ".join(f"`{role}`" for role in roles)))
        if bounds is not None:
            size, count = words.bytes(bounds.max_bytes), words.number(bounds.max_elements)
            lines.append(words.item("size", words.label("size_value", bytes=size, elements=count)))
        return lines + self._checks(operation.name)

    def _checks(self, operation: str) -> list[str]:
        words = self.words
        constant = words.data["orders"].get(operation)
        if constant is not None:
            label, names, place = "checks", rules.order_of(constant), operation.lower()
        elif operation == _LEG_OPERATION:
            label, names, place = "leg_checks", rules.leg_order(), anchor(words.label("leg_title"))
        else:
            return []
        said = " → ".join(f"`{name}`" for name in names)
        return [words.item(label, f"{said} ({words.label('explained', link=f'rules.md#{place}')})")]

    def _root(self, element: str) -> str:
        root = self.contract.roots[element]
        return self.words.label("root", element=root.name, meaning=self.words.say(root.meaning.texts))

    def _lists_of(self, *root_types: str) -> list[str]:
        words = self.words
        lines = [f"## {words.label('code_lists')}", ""]
        for type_name in self.tables.code_lists(*root_types):
            simple = self.contract.simple[type_name]
            values = [f"`{value}` {words.say(label.texts).rstrip('.')}" for value, label in simple.codes]
            link = f"[{simple.name}](code-lists.md#{simple.name.lower()})"
            lines.append(f"- {link}{words.colon} {' · '.join(values)}")
        return lines

    def _simple(self, *, with_codes: bool) -> list[SimpleType]:
        found = [one for one in self.contract.simple.values() if bool(one.codes) is with_codes]
        return sorted(found, key=lambda one: one.name.lower())

    def _described(self, simple: SimpleType) -> list[str]:
        return [f"{self.words.say(simple.meaning.texts)} {self.words.source_note(simple.meaning)}", ""]


def _namespace(name: str) -> str:
    return name[1:].partition("}")[0]
