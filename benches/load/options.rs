//! What can be asked for on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use crate::case::CASES;

/// Measures the speed of the service beside pgbench and beside other stacks, in interleaved rounds
#[derive(Clone, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
#[command(name = "script/bench")]
pub struct Options {
    /// Only this case; may be repeated. Besides the cases of the table: startup, size
    #[arg(long = "case", value_name = "NAME")]
    pub cases: Vec<String>,
    /// Rows of attendance to seed, over 2,477 municipalities; half as many entries of the work register come with them
    #[arg(long, default_value_t = 500_000)]
    pub rows: u64,
    /// Rows of the smaller service that the case `size` compares with
    #[arg(long, default_value_t = 100_000)]
    pub small_rows: u64,
    /// Also the same endpoints in three other stacks: Fastify, `FastAPI` and Django REST framework
    #[arg(long)]
    pub peers: bool,
    /// Fewer and shorter rounds: for looking, not for quoting
    #[arg(long)]
    pub quick: bool,
    /// Rounds; each measures every side once
    #[arg(long, default_value_t = 5)]
    pub rounds: u32,
    /// Length of one measurement in seconds
    #[arg(long, default_value_t = 2)]
    pub seconds: u64,
    /// A second service with this setting takes its turns too, for example `PAI__DATABASE__POOL_SIZE=16`; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub service_setting: Vec<(String, String)>,
    /// Directory for the data, which is removed afterwards [default: the system's directory for temporary files]
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Also write all figures to this file
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Fail where round trips or processor time per request exceed benches/gates.toml
    #[arg(long)]
    pub gate: bool,
    /// Given by cargo; without meaning here
    #[arg(long, hide = true)]
    bench: bool,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("is not NAME=VALUE")?;
    if name.starts_with("PAI__") {
        return Ok((name.to_owned(), value.to_owned()));
    }
    Ok((format!("PAI__{}", name.to_uppercase().replace('.', "__")), value.to_owned()))
}

impl Options {
    /// What `--quick` and `--gate` mean for the others.
    pub fn settled(mut self) -> Self {
        if self.quick || self.gate {
            self.rows = self.rows.min(100_000);
            self.rounds = self.rounds.min(2);
            self.seconds = self.seconds.min(1);
        }
        if let Some(unknown) = self.cases.iter().find(|name| !Self::known(name)) {
            use clap::CommandFactory as _;
            let names: Vec<&str> = CASES.iter().map(|case| case.name).chain(["startup", "size"]).collect();
            let text = format!("no case is called '{unknown}'; there are: {}", names.join(", "));
            Self::command().error(clap::error::ErrorKind::InvalidValue, text).exit();
        }
        self
    }

    fn known(name: &str) -> bool {
        ["startup", "size"].contains(&name) || CASES.iter().any(|case| case.name == name)
    }

    /// Whether a case is to be measured.
    pub fn wants(&self, name: &str) -> bool {
        if self.cases.is_empty() {
            // The gate asks only for what it compares, and a quick look has no time for a second service.
            return !(self.gate && name == "startup" || (self.gate || self.quick) && name == "size");
        }
        self.cases.iter().any(|case| case == name)
    }

    /// Whether anything is to be measured that needs data.
    pub fn needs_data(&self) -> bool {
        CASES.iter().map(|case| case.name).chain(["size"]).any(|name| self.wants(name))
    }

    /// Length of one measurement.
    pub fn length(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Name of the service with the settings asked for.
    pub fn variant_name(&self) -> String {
        let settings: Vec<String> = self.service_setting.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("service with {}", settings.join(" "))
    }
}
