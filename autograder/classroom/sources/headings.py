"""What the columns of a roster are called: by platforms, by offices, and in seven languages.

Headings are compared without accents, capitals, underscores and dots at the end.
"""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "name": (
        "student", "student name", "full name", "fullname", "display name", "name (last, first)", "learner name",
        "sortable name",
        "vollständiger name", "name, vorname", "nachname, vorname", "teilnehmer", "teilnehmer/in", "studierende",
        "nom", "nom complet", "nom et prénom", "nom prénom", "prénom et nom", "étudiant", "étudiant(e)",
        "nombre", "nombre completo", "nombre y apellidos", "apellidos y nombre", "apellidos, nombre", "estudiante",
        "alumno", "alumno/a", "nome", "nome completo", "nome e cognome", "cognome e nome", "studente",
        "nome do aluno", "aluno", "estudante", "naam", "volledige naam", "naam student",
    ),
    "first": (
        "first name", "firstname", "given name", "given names", "forename", "first names", "preferred name",
        "preferred first name", "student first middle", "student first", "user givenname", "legal first name",
        "vorname", "vornamen", "rufname", "prénom", "prénoms", "prénom(s)", "nombre de pila", "nombres",
        "primer nombre", "primeiro nome", "nome próprio", "voornaam", "voornamen", "roepnaam",
    ),
    "infix": ("tussenvoegsel", "tussenvoegsels", "voorvoegsel", "voorvoegsels", "namenszusatz"),
    "last": (
        "last name", "lastname", "surname", "family name", "student last", "user familyname", "legal last name",
        "nachname", "familienname", "zuname", "nom de famille", "apellido", "apellidos", "apellido(s)",
        "primer apellido", "cognome", "sobrenome", "apelido", "apelidos", "último nome", "achternaam", "familienaam",
    ),
    "second": ("segundo apellido", "second surname"),
    "email": (
        "e-mail", "email address", "e-mail address", "mail", "school email", "student email", "campus email",
        "university email", "institutional email", "user email",
        "e-mail-adresse", "e-mailadresse", "emailadresse", "email-adresse", "mailadresse", "mail-adresse",
        "adresse e-mail", "adresse email", "adresse mail", "adresse de courriel", "adresse électronique", "courriel",
        "mél", "correo", "correo electrónico", "dirección de correo", "dirección de correo electrónico",
        "dirección email", "indirizzo email", "indirizzo e-mail", "indirizzo di posta elettronica",
        "posta elettronica", "endereço de e-mail", "endereço de email", "correio eletrônico",
        "endereço de correio eletrónico", "e-mailadres", "emailadres", "mailadres",
    ),
    "sid": (
        "student id", "student number", "sis user id", "sis id", "banner id", "id number", "orgdefinedid",
        "org defined id", "student no", "student id number", "university id", "student #", "perm #", "perm number",
        "uin", "sourced id", "user numeric id", "emplid", "empl id",
        "matrikelnummer", "matrikelnr", "matrikel-nr", "matrikel", "matr.-nr", "matr.nr", "matrnr", "matr", "mat.-nr",
        "matnr", "id-nummer", "studierendennummer", "immatrikulationsnummer", "legi", "legi-nr", "legi-nummer",
        "numéro étudiant", "numéro d'étudiant", "numéro d'identification", "n° étudiant", "no étudiant", "matricule",
        "code permanent", "número de identificación", "número de id", "número de alumno", "número de matrícula",
        "matrícula", "expediente", "dni", "matricola", "numero di matricola", "numero matricola", "numero id",
        "codice identificativo", "número de aluno", "número do aluno", "nº de aluno", "nº aluno",
        "número de estudante", "número mecanográfico", "número de identificação", "studentnummer", "student-nr",
        "stamnummer", "collegekaartnummer",
    ),
    "login": (
        "login id", "sis login id", "username", "user name", "netid", "net id", "uid", "display id", "kerberos",
        "benutzername", "benutzerkennung", "nutzername", "nutzerkennung", "anmeldename", "loginname", "login-name",
        "kennung", "uni-kennung", "unikennung", "kürzel", "identifiant", "nom d'utilisateur", "nom d'usager",
        "usuario", "nombre de usuario", "nome utente", "usuário", "utilizador", "nome de usuário",
        "nome de utilizador", "gebruikersnaam",
    ),
    "github": ("github username", "github login", "github user", "github handle", "github id name", "github account"),
    "lms": ("canvas id", "canvas user id", "lms user id"),
    "id": ("user id",),
    "identifier": ("roster identifier",),
    "team": (
        "group name", "group", "team name", "groups", "gruppe", "gruppenname", "groupe", "nom du groupe", "équipe",
        "grupo", "nombre del grupo", "nome do grupo", "equipo", "gruppo", "nome del gruppo", "groep", "groepsnaam",
    ),
    "repository": ("student repository name", "repo", "repository name"),
    "submission": ("submission name", "submission folder", "handed in as", "submission id", "folder", "file"),
    "audience": ("course",),
    "section": ("sections", "section name"),
    "role": (
        "roles", "course role", "enrollment role", "rolle", "rollen", "rôle", "rôles", "rol", "ruolo", "ruoli",
        "papel", "papéis", "função", "rollen in kurs",
    ),
    "status": (
        "enrollment status", "enrolment status", "registration status", "course status", "student status",
        "enrollment state", "reg status", "statut", "estado", "stato", "anmeldestatus",
    ),
}  # fmt: skip
#: What each column of `COLUMNS` holds, for people.
MEANINGS: Final = {
    "first": "first name", "infix": "part of the name", "last": "last name", "second": "second last name",
    "email": "address", "sid": "number", "github": "GitHub login", "lms": "the platform's number", "id": "number",
    "identifier": "the platform's number", "team": "group", "submission": "submission",
}  # fmt: skip
#: Headings that are known inside a longer one, too: *What is your GitHub username?*
PHRASES: Final = (
    "github username", "full name", "first name", "last name", "email address", "student id", "student number",
)  # fmt: skip
