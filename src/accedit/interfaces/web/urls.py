"""Every address of the pages, place by place."""

from django.urls import URLPattern

from accedit.interfaces.web.pages import (
    accueil,
    comptes,
    connexion,
    espace,
    feuille,
    invitations,
    plateforme,
    verifier,
)

urlpatterns: list[URLPattern] = [
    *accueil.urls,
    *connexion.urls,
    *invitations.urls,
    *feuille.urls,
    *comptes.urls,
    *espace.urls,
    *verifier.urls,
    *plateforme.urls,
]
