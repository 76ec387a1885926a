"""Sign the head of a log, after the commit and never inside it.

The signer is reached by one call, `signer().sign`. In service it is a process of its own,
behind a socket; a command that runs while nothing serves signs by itself, with the same
key and memory. It keeps its own memory of what it signed, stores before it signs, and
refuses a shorter or another history.
"""

import logging
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accedit.domain.evidence import queries
from accedit.domain.evidence.models import Checkpoint, LogHead
from accedit.domain.evidence.operations.log import frontier_of
from accedit.shared.kill_points import reach
from accedit.shared.refusals import Kind, Refusal
from accedit_ledger.checkpoint import Checkpoint as Head
from accedit_ledger.note import VerifierKey
from accedit_ledger.proofs import consistency_nodes, consistency_proof
from accedit_ledger.signer import Signer, SignerRefuses, StoreDamaged, kept_in
from accedit_ledger.signer_client import RemoteSigner, published_keys

logger = logging.getLogger(__name__)

TRIES = 20  # each one lost means that somebody else signed a longer head meanwhile


class NotSigned(Refusal):
    kind = Kind.FULL
    code = "unavailable"
    sentence = "Ce qui vient d'être enregistré est conservé, mais la signature du journal n'est pas disponible à cet instant : recommencez la même demande dans quelques minutes, rien ne sera enregistré deux fois."


class BeforeIncident(Refusal):
    kind = Kind.IN_THE_WAY
    code = "before_incident"
    sentence = "Cette ligne est d'avant l'incident que le journal déclare, et n'avait pas encore été signée : il n'en sera pas fait de récépissé. L'incident déclaré dit l'état du journal où elle figure."


def acknowledge(origin: str) -> Checkpoint:
    """Sign what was just committed, before anybody is told that it is done (evidence.md 4.3)."""
    reach("finish.after_commit")
    try:
        return sign_head(origin)
    except (SignerRefuses, StoreDamaged, OSError) as fault:
        logger.exception("the head of a log was not signed")
        raise NotSigned from fault


def sign_head(origin: str) -> Checkpoint:
    """A signed head that covers all that is committed now. The same head gives the same note.

    Raises `SignerRefuses` when the log is shorter than, or other than, what was signed
    before. A log that goes on under another name since an incident is not signed again: the
    longest head that was is the answer. Somebody else may sign a longer head between our reading and our asking: the
    signer then refuses ours, and theirs, which covers it, is the answer. Asking inside a
    transaction is a bug: what it wrote may never be.
    """
    with transaction.atomic(durable=True):
        asked = LogHead.objects.get(origin=origin)
        wanted = asked.size
        if LogHead.objects.filter(first=asked.first, number__gt=asked.number).exists():
            return _last_signed(asked)
    for _ in range(TRIES):
        head = LogHead.objects.get(origin=origin)
        covering = Checkpoint.objects.filter(log=head, size__range=(wanted, head.size))
        if known := covering.order_by("-size").first():
            return known
        try:
            return _signed(head)
        except SignerRefuses as refusal:
            refused = refusal
    raise refused


def _last_signed(head: LogHead) -> Checkpoint:
    known = Checkpoint.objects.filter(log=head, size__lte=head.size).order_by("-size").first()
    if known is None:
        raise BeforeIncident
    return known


def _signed(head: LogHead) -> Checkpoint:
    root = frontier_of(head).root()

    def consistency(old: int) -> list[bytes]:
        node = queries.nodes(head.pk, consistency_nodes(old, head.size))
        return consistency_proof(old=old, new=head.size, node=node)

    note = signer().sign(Head(head.origin, head.size, root), consistency=consistency)
    reach("signer.signed")
    checkpoint = Checkpoint(log=head, size=head.size, root=root, note=note)
    # Whoever signed the same head meanwhile was given the same note.
    Checkpoint.objects.bulk_create([checkpoint], ignore_conflicts=True)
    reach("signature.kept")
    return checkpoint


def signer() -> Signer | RemoteSigner:
    """The process behind SIGNER_SOCKET; without one, this process, if no other signs there."""
    if settings.SIGNER_SOCKET:
        return RemoteSigner(Path(settings.SIGNER_SOCKET))
    return _signer(Path(settings.SIGNER_FOLDER), settings.LOG_DOMAIN)


def verifier_key() -> str:
    """The public key, as parties keep it. It is read without the signer."""
    return verifier_keys()[0]


def verifier_keys() -> list[str]:
    keeper = signer()
    if isinstance(keeper, RemoteSigner):
        return published_keys(keeper.address)
    return [keeper.key.verifier.text]


def known_keys() -> list[VerifierKey]:
    return [VerifierKey.parse(text) for text in verifier_keys()]


@lru_cache(maxsize=4)
def _signer(folder: Path, domain: str) -> Signer:
    return kept_in(folder, domain=domain)
