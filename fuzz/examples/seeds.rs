//! Writes the seeds of the fuzz targets again; `cargo xtask vectors` runs it.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    for (target, name, content) in fuzz::seeds::all() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), content)?;
    }
    Ok(())
}
