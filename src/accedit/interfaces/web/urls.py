"""Every address of the pages, place by place."""

from django.urls import URLPattern

from accedit.interfaces.web.pages import (
    accueil,
    aide,
    comptes,
    conduite,
    connexion,
    courriers,
    deplacer,
    dossiers,
    espace,
    feuille,
    invitations,
    journal,
    ouverture,
    paniers,
    passkeys,
    personnes,
    pieces,
    pieces_archives,
    plateforme,
    verifier,
)

urlpatterns: list[URLPattern] = [
    *accueil.urls,
    *connexion.urls,
    *passkeys.urls,
    *invitations.urls,
    *feuille.urls,
    *comptes.urls,
    *espace.urls,
    *aide.urls,
    *verifier.urls,
    *plateforme.urls,
    *ouverture.urls,
    *dossiers.urls,
    *conduite.urls,
    *pieces.urls,
    *pieces_archives.urls,
    *paniers.urls,
    *personnes.urls,
    *courriers.urls,
    *deplacer.urls,
    *journal.urls,
]
