"""A deposit and its blob are facts: no UPDATE, no DELETE, no TRUNCATE, whoever asks (I6)."""

from django.db import migrations

FACTS = ["deposit", "blob"]
SQL = """
create function filing_fact_stays() returns trigger language plpgsql as $$
begin
    raise exception 'a row of % never changes', tg_table_name using errcode = 'insufficient_privilege';
end $$;
""" + "".join(
    f"""
create trigger {name}_stays before update or delete on filing_{name}
    for each row execute function filing_fact_stays();
create trigger {name}_is_never_emptied before truncate on filing_{name}
    for each statement execute function filing_fact_stays();
"""
    for name in FACTS
)
BACK = (
    "".join(
        f"drop trigger {name}_stays on filing_{name}; drop trigger {name}_is_never_emptied on filing_{name};"
        for name in FACTS
    )
    + "drop function filing_fact_stays;"
)


class Migration(migrations.Migration):
    dependencies = [("filing", "0001_initial")]
    operations = [migrations.RunSQL(SQL, BACK)]
