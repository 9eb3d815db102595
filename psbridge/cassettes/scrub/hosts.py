"""The name of a host, a zone or a tenant in, that of another organisation out."""

from __future__ import annotations

import re

from psbridge.cassettes.scrub.knowledge import Knowledge
from psbridge.cassettes.scrub.known import OWN_LABELS, SERVICES
from psbridge.cassettes.scrub.replacements import Replacements
from psbridge.cassettes.scrub.shapes import WORD, is_microsoft, lower, registered

__all__ = ["Hosts"]


class Hosts:
    """Replaces hosts; those of nobody that is known stay."""

    def __init__(self, knowledge: Knowledge, replacements: Replacements) -> None:
        self._knowledge = knowledge
        self._replacements = replacements

    def host(self, host: str) -> str:
        """`ex01.litware.com` becomes a machine in contoso.com; `litware.onmicrosoft.com` contoso's."""
        if own := OWN_LABELS.fullmatch(host):
            return self._replacements.label(own[1]) + own[2]
        if is_microsoft(host):
            return ".".join(self._label(label) for label in host.split("."))
        domain = registered(host)
        if domain not in self._knowledge.domains:
            return host
        made = self._replacements.domain(domain)
        below = host[: len(host) - len(domain)]
        labels = [label if label.lower() in SERVICES else self._named(label) for label in below.split(".")]
        return ".".join(labels) + (made.upper() if host.isupper() else made)

    def zone(self, zone: str) -> str:
        """`DC=litware,DC=com` becomes what litware.com becomes."""
        labels = re.findall(r"=([\w-]+)", zone)
        if len(labels) == 1:
            known = labels[0].lower() in self._knowledge.labels
            return zone[:3] + (self._replacements.label(labels[0]) if known else labels[0])
        return ",".join(f"{zone[:3]}{label}" for label in self.host(".".join(labels)).split("."))

    def _label(self, label: str) -> str:
        """Below Microsoft's domains stand the names of tenants and of machines; `prod` and `graph` are neither."""
        dotted = label.lower().replace("-", ".")
        if dotted in self._knowledge.domains:
            return self._replacements.domain(dotted).replace(".", "-")
        return self._named(label) if lower(label) in self._knowledge.names else label

    def _named(self, label: str) -> str:
        return WORD.sub(lambda found: self._replacements.word(found[0]), label)
