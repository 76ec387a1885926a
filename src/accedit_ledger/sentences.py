"""What a verification says, in French: one text for the command line and for the offline page."""

ARCHIVE = (
    "Ce fichier n’est pas un récépissé tel que la plate-forme l’a remis : "
    "il a été modifié, recomposé ou tronqué."
)
MEMBER = "Le récépissé ne contient pas exactement les éléments attendus."
PROOF = "La preuve d’inscription est illisible ou d’une version inconnue."
NOTE = "L’empreinte signée du journal est mal formée."
LEAF = "L’entrée du journal est mal formée ou d’une version inconnue."
PLACE = "L’entrée présentée n’est pas celle de cette place ou de ce journal."
PATH = "L’entrée présentée ne figure pas dans le journal dont l’empreinte est signée."
CLAIMS = "Les faits énoncés par le récépissé sont illisibles ou d’une version inconnue."
DISCLOSURE = "Un fait énoncé par le récépissé ne figure pas dans l’entrée du journal."
KEYS = "La liste de clés jointe au récépissé est illisible."
SIGNATURE = "La signature de l’empreinte du journal est fausse, ou sa clé manque."
NO_FILE = "Cette entrée ne porte pas d’empreinte de fichier : elle ne dit rien du fichier présenté."
OTHER_FILE = "Le fichier présenté n’est pas celui de l’inscription : leurs empreintes diffèrent."
UNREADABLE_KEY = "Une clé donnée est illisible ; il n’en a pas été tenu compte."
TO_COMPARE = (
    "Ce récépissé est intègre, mais la clé reste à comparer : {name}, empreinte {fingerprint}. "
    "Comparez-la avec celle d’un avis de dépôt, d’un rapport imprimé ou de la page du dossier ; "
    "une clé arrivée avec le récépissé ne prouve rien."
)
IMPOSTOR = (
    "Attention : la clé qui a signé porte le nom {name}, mais ce n’est pas la clé que vous "
    "connaissez sous ce nom. Ne vous fiez pas à ce récépissé avant d’avoir interrogé l’expert."
)

TRUSTED = "Ce récépissé est intègre, et signé par une clé que vous connaissez : {key}."
THEREFORE = "La plate-forme a inscrit ceci, et ne peut plus le nier :"
SAYS = "Voici ce qu’il dit, sous réserve de cette comparaison :"
MATCHES = "Le fichier présenté est, octet pour octet, celui de l’inscription."
REFUSED = "Ce récépissé est refusé."
