"""The tables of a log only grow, whoever asks: triggers refuse what grants may have let through.

An opening may be deleted, by the role `accedit_erasure` alone: that is how a datum is
erased while the tree stays valid (evidence.md 4.7).
"""

from django.db import migrations

ONLY_GROW = ["leaf", "treenode", "entry", "checkpoint"]

FUNCTIONS = """
create function evidence_only_grows() returns trigger language plpgsql as $$
begin
    raise exception 'the table % only grows', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create function evidence_erases_openings() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and current_user = 'accedit_erasure' then
        return old;
    end if;
    raise exception 'the table % only grows', tg_table_name using errcode = 'insufficient_privilege';
end $$;

create function evidence_head_only_advances() returns trigger language plpgsql as $$
begin
    if new.origin <> old.origin or new.size < old.size then
        raise exception 'a log only grows' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
"""

TRIGGERS = (
    "".join(
        f"""
create trigger {name}_only_grows before update or delete on evidence_{name}
    for each row execute function evidence_only_grows();
create trigger {name}_is_never_emptied before truncate on evidence_{name}
    for each statement execute function evidence_only_grows();
"""
        for name in ONLY_GROW
    )
    + "".join(
        f"""
create trigger {name}_only_erased before update or delete on evidence_{name}
    for each row execute function evidence_erases_openings();
create trigger {name}_is_never_emptied before truncate on evidence_{name}
    for each statement execute function evidence_only_grows();
"""
        for name in ["opening", "innerleaf"]
    )
    + """
create trigger head_only_advances before update on evidence_loghead
    for each row execute function evidence_head_only_advances();
create trigger head_stays before delete on evidence_loghead
    for each row execute function evidence_only_grows();
create trigger head_is_never_emptied before truncate on evidence_loghead
    for each statement execute function evidence_only_grows();
"""
)

BACK = (
    "".join(
        f"drop trigger {name}_only_grows on evidence_{name}; drop trigger {name}_is_never_emptied on evidence_{name};"
        for name in ONLY_GROW
    )
    + "".join(
        f"drop trigger {name}_only_erased on evidence_{name}; drop trigger {name}_is_never_emptied on evidence_{name};"
        for name in ["opening", "innerleaf"]
    )
    + """
drop trigger head_only_advances on evidence_loghead; drop trigger head_stays on evidence_loghead;
drop trigger head_is_never_emptied on evidence_loghead;
drop function evidence_only_grows; drop function evidence_erases_openings; drop function evidence_head_only_advances;
"""
)


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, BACK)]
