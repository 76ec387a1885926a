"""Contents that would act if anything opened them: ten kinds, under four names each."""

ALERT = "<script>alert(document.cookie);fetch('/dossiers')</script>"
KINDS = {
    "html": f"<!doctype html><body onload=alert(1)>{ALERT}",
    "xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><head>{ALERT}</head></html>',
    "svg": f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">{ALERT}</svg>',
    "svg-foreign": '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><iframe '
    'xmlns="http://www.w3.org/1999/xhtml" src="/dossiers"/></foreignObject></svg>',
    "mathml": '<math xmlns="http://www.w3.org/1998/Math/MathML"><maction actiontype="statusline" '
    'xlink:href="javascript:alert(1)">x</maction></math>',
    "xslt": '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#s"?><x id="s"/>',
    "xxe": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "gif-js": "GIF89a/*\x00*/=1;alert(1)//",
    "pdf-html": f"%PDF-1.7\n{ALERT}\n%%EOF",
    "eml": f"From: a@b\nContent-Type: text/html\n\n{ALERT}<img src=/dossiers>",
}
NAMES = ("piece.{kind}.html", "piece.{kind}.svg", "piece.{kind}.png", "piece.{kind}.pdf")


def payloads() -> list[tuple[str, bytes]]:
    """Forty files: (name, content)."""
    return [
        (name.format(kind=kind), content.encode("latin-1"))
        for kind, content in KINDS.items()
        for name in NAMES
    ]
