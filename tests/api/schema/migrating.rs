//! Several processes that begin on one database.

use pai::platform::migrations::migrate;

use crate::support::database::{TestDatabase, names};

#[test]
fn processes_that_migrate_at_once_migrate_once() {
    let database = TestDatabase::empty("concurrent");
    let applied: Vec<usize> = std::thread::scope(|scope| {
        let migrating: Vec<_> =
            (0..4).map(|_| scope.spawn(|| migrate(&database.urls.owner).expect("migrations apply"))).collect();
        migrating.into_iter().map(|thread| thread.join().expect("a thread")).collect()
    });
    let total: usize = applied.iter().sum();
    assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "{applied:?}");
    let recorded = names(&mut database.superuser(), "SELECT ARRAY[version::text] AS row FROM __diesel_schema_migrations");
    assert_eq!(recorded.len(), total);
}
