//! From nothing, and from existing data, to the first answer.

use std::path::Path;

use crate::figures::Spread;
use crate::service::Service;
use crate::{Outcome, progress};

/// Time to the first answer in seconds.
pub struct Startup {
    /// With a new embedded database.
    pub nothing: Spread,
    /// With an embedded database that is there.
    pub existing: Spread,
}

/// Makes each start several times.
pub fn measure(scratch: &Path, times: u32) -> Outcome<Option<Startup>> {
    let (mut nothing, mut existing) = (Vec::new(), Vec::new());
    for time in 1..=times {
        progress(&format!("startup: {time} of {times}"));
        let data = scratch.join(format!("start-{time}"));
        for seconds in [&mut nothing, &mut existing] {
            let service = Service::start(&data, &[])?;
            seconds.push(service.ready_after.as_secs_f64());
            service.stop()?;
        }
        std::fs::remove_dir_all(&data)?;
    }
    Ok(Some(Startup { nothing: Spread::of(nothing.into_iter()), existing: Spread::of(existing.into_iter()) }))
}
