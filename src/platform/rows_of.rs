//! The rows of a function of the database, read like those of a table: `SELECT * FROM function(…)`.

use diesel::expression::Expression;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Record;
use diesel::{QueryResult, RunQueryDsl};

/// The rows of a call; its text never changes, so that it stays prepared.
pub(crate) struct RowsOf<C>(C);

/// The rows of this call, for `load::<View>` with a view that names the columns in the order of the function.
pub(crate) fn rows_of<C>(call: C) -> RowsOf<C> {
    RowsOf(call)
}

impl<C, Columns> Query for RowsOf<C>
where
    Columns: 'static,
    C: Expression<SqlType = Record<Columns>>,
{
    type SqlType = Columns;
}

impl<C: QueryId> QueryId for RowsOf<C> {
    type QueryId = RowsOf<C::QueryId>;

    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for RowsOf<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT * FROM ");
        self.0.walk_ast(out)
    }
}

impl<C> RunQueryDsl<PgConnection> for RowsOf<C> {}
