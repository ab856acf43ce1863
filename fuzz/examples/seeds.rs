//! Writes the seeds of the fuzz targets again; `cargo xtask vectors` runs it.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    if corpus.exists() {
        // Seeds of what is no longer there would be refused.
        fs::remove_dir_all(&corpus)?;
    }
    for (target, name, content) in fuzz::seeds::all() {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), content)?;
    }
    Ok(())
}
