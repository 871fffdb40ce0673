import unicodedata
from functools import cache
from pathlib import Path

from django.db import migrations, models

KINDS = ("SpontaneousProfile", "ProcedureProfile")
LONGEST = 50
BLANKS = frozenset("\t\n\r\v\f\x85\u2028\u2029")
UNSEEN = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F}
UNSEEN |= {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}


def fill_in(apps, schema_editor):
    """Normalise names, which shows nobody anything new, and say what look-alikes share (PRO-3).

    Of several that look alike the oldest one gets the key; the others keep their names without one. A name that cannot
    be normalised, because another profile has that name or because it becomes too long, stays.
    """
    for kind in KINDS:
        profiles = apps.get_model("profiles", kind).objects
        names, looks = set(profiles.values_list("name_folded", flat=True)), set()
        for profile in profiles.order_by("pk"):
            normalise(profile, names)
            key = look_alike_key(normalised_name(profile.name))
            profile.name_looks = None if key in looks else key
            looks.add(key)
            profile.save(update_fields=["name", "name_folded", "name_looks"])


def normalise(profile, names):
    name = normalised_name(profile.name)
    folded = fold_name(name)
    if 0 < len(name) <= LONGEST and folded not in names - {profile.name_folded}:
        names.discard(profile.name_folded)
        names.add(folded)
        profile.name, profile.name_folded = name, folded


def normalised_name(name):
    composed = unicodedata.normalize("NFKC", name)
    seen = "".join(" " if is_blank(one) else one for one in composed if not is_unseen(one))
    return unicodedata.normalize("NFKC", " ".join(part for part in seen.split(" ") if part))


def is_blank(character):
    return character in BLANKS or unicodedata.category(character) == "Zs"


def is_unseen(character):
    return ord(character) in UNSEEN or unicodedata.category(character) == "Cf"


def fold_name(name):
    for _round in range(2):
        name = normalised_name(normalised_name(name).casefold())
    return name


def look_alike_key(name):
    for _round in range(2):
        name = skeleton(name).casefold()
    return skeleton(name.replace("i", "l"))


def skeleton(text):
    mapped = "".join(prototypes().get(one, one) for one in unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFD", mapped)


@cache
def prototypes():
    lines = Path(__file__).parents[1].joinpath("look_alikes", "prototypes.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(";") for line in lines if not line.startswith("#")]
    return {chr(int(one, 16)): characters(prototype) for prototype, others in pairs for one in others.split()}


def characters(codes):
    return "".join(chr(int(code, 16)) for code in codes.split())


def add_looks(kind):
    field = models.CharField(editable=False, max_length=400, null=True, unique=True)
    return migrations.AddField(model_name=kind, name="name_looks", field=field)


class Migration(migrations.Migration):
    dependencies = [("profiles", "0007_falls_percent")]
    operations = [*map(add_looks, KINDS), migrations.RunPython(fill_in, migrations.RunPython.noop)]
