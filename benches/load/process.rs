//! Processor time and memory of processes, from `/proc`.

use std::process::Command;
use std::sync::OnceLock;

use crate::Outcome;

/// A process, alone or with all that descend from it.
#[derive(Clone, Copy)]
pub struct Process {
    pub id: u32,
    pub with_descendants: bool,
}

impl Process {
    /// This program: the load generator.
    pub fn own() -> Self {
        Self { id: std::process::id(), with_descendants: false }
    }

    /// Processor time so far, user and system, in microseconds.
    pub fn cpu_us(self) -> Outcome<f64> {
        let ticks: u64 = self.members()?.into_iter().map(|id| stat(id).map_or(0, |stat| stat.ticks)).sum();
        Ok(ticks as f64 * tick_us()?)
    }

    /// Resident memory in MB; what several processes share is counted once.
    pub fn memory_mb(self) -> Outcome<f64> {
        self.members()?.into_iter().map(|id| kilobytes(id, "smaps_rollup", "Pss:")).sum::<Outcome<f64>>().map(|kb| kb / 1024.0)
    }

    /// Highest resident memory so far in MB.
    pub fn memory_peak_mb(self) -> Outcome<f64> {
        Ok(kilobytes(self.id, "status", "VmHWM:")? / 1024.0)
    }

    /// Asks it to end.
    pub fn terminate(self) -> Outcome<()> {
        Command::new("sh").args(["-c", &format!("kill -TERM {}", self.id)]).status()?;
        Ok(())
    }

    fn members(self) -> Outcome<Vec<u32>> {
        let mut members = vec![self.id];
        if !self.with_descendants {
            return Ok(members);
        }
        let all: Vec<(u32, u32)> = std::fs::read_dir("/proc")?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(|id| Some((id, stat(id)?.parent)))
            .collect();
        let mut place = 0;
        while let Some(&parent) = members.get(place) {
            members.extend(all.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
            place += 1;
        }
        Ok(members)
    }
}

struct Stat {
    parent: u32,
    ticks: u64,
}

/// Nothing for a process that has ended meanwhile.
fn stat(id: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // Counted from behind the name, which may hold blanks: the parent is field 4, utime 14, stime 15.
    let fields: Vec<&str> = text.rsplit(')').next()?.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Stat { parent: fields.get(1)?.parse().ok()?, ticks })
}

fn kilobytes(id: u32, file: &str, name: &str) -> Outcome<f64> {
    let text = std::fs::read_to_string(format!("/proc/{id}/{file}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("no memory in /proc")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}

/// Length of a clock tick in microseconds.
fn tick_us() -> Outcome<f64> {
    static TICK: OnceLock<f64> = OnceLock::new();
    if let Some(tick) = TICK.get() {
        return Ok(*tick);
    }
    let output = Command::new("getconf").arg("CLK_TCK").output()?;
    let tick = 1e6 / String::from_utf8_lossy(&output.stdout).trim().parse::<f64>()?;
    Ok(*TICK.get_or_init(|| tick))
}
