from enum import StrEnum


class Right(StrEnum):
    BROWSE = "browse"  # naviguer
    READ = "read"  # consulter
    DOWNLOAD = "download"  # télécharger
    ADD = "add"  # ajouter
    MODIFY = "modify"  # modifier
    DELETE = "delete"  # supprimer
    MANAGE = "manage"  # gérer


class NodeKind(StrEnum):
    ROOT = "root"
    FOLDER = "folder"
    BOX = "box"  # boîte aux lettres d'une partie
    ARCHIVE = "archive"  # dossier archives de la même partie
    FILE = "file"


class Means(StrEnum):
    """How a piece entered on behalf of somebody reached the expert."""

    POST = "post"
    MAIL = "mail"
    HAND = "hand"
