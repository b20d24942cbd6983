//! Committed files that are generated: compared, or rewritten with `PAI_BLESS=1`.

use std::path::Path;

/// Fails where the committed file is not what is generated now.
#[track_caller]
pub fn compare(file: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("PAI_BLESS").is_some() {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("the directory of a generated file");
        }
        std::fs::write(&path, generated).expect("a generated file is written");
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if committed == generated {
        return;
    }
    let same = committed.lines().zip(generated.lines()).take_while(|(old, new)| old == new).count();
    let (old, new) = (committed.lines().nth(same), generated.lines().nth(same));
    panic!(
        "{file} is not what is generated; run with PAI_BLESS=1 and read the difference.\nfirst at line {}:\n- {}\n+ {}",
        same + 1,
        old.unwrap_or("(end)"),
        new.unwrap_or("(end)")
    );
}

/// Fails where a list of known gaps is not exactly what is open: a new gap must not hide, a closed one must be struck off.
#[track_caller]
pub fn ratchet(what: &str, listed: &[&str], open: impl IntoIterator<Item = String>) {
    let mut open: Vec<String> = open.into_iter().collect();
    open.sort_unstable();
    let hidden: Vec<&String> = open.iter().filter(|name| !listed.contains(&name.as_str())).collect();
    let closed: Vec<&&str> = listed.iter().filter(|name| !open.iter().any(|open| open == *name)).collect();
    assert!(hidden.is_empty(), "{what}: {hidden:#?}");
    assert!(closed.is_empty(), "{what}: closed meanwhile, strike off the list: {closed:#?}");
}
