"""Every write pays for every index, so none of them does what another one does."""

from django.db import connection

COVERED = """
select covered.indexrelid::regclass::text, longer.indexrelid::regclass::text
from pg_index covered
join pg_index longer on longer.indrelid = covered.indrelid and longer.indexrelid <> covered.indexrelid
  and (longer.indkey::int2[])[0:covered.indnkeyatts - 1] = covered.indkey::int2[]
join pg_class a on a.oid = covered.indexrelid
join pg_class b on b.oid = longer.indexrelid and b.relam = a.relam
where a.relnamespace = 'public'::regnamespace and a.relname !~ '^(auth|django|procrastinate)_'
  and not covered.indisunique and covered.indpred is null and covered.indexprs is null
  and longer.indpred is null and longer.indexprs is null
"""


def test_no_index_is_the_beginning_of_another(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COVERED)
        assert cursor.fetchall() == []
