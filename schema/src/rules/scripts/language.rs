//! A script whose first line names another program than the one whose language it is in. Looks at a few lines that only a
//! shell has; runs nothing.

use super::Script;
use crate::diagnostic::{Edit, Fix, Severity};
use crate::text::Span;

impl Script<'_> {
    /// The text is the shell's, and `program`, named at `at`, is to run it. True where that was told.
    pub(in crate::rules) fn other_language(&mut self, program: &str, at: Span) -> bool {
        let quoted = self.text.contains("\"\"\"") || self.text.contains("'''");
        let shells = |l: &str| {
            let l = l.trim_end();
            let whole = matches!(l, "fi" | "done" | "esac") || l.starts_with("set -e");
            whole || l.starts_with("test -f /.") || l.starts_with(". /.") || l.starts_with("systemctl ")
        };
        if !program.starts_with("python") || quoted || !self.text.lines().any(shells) {
            return false;
        }
        let message = format!("the script is written for a shell, and `{program}` is to run it");
        if let Some(one) = self.add("script-interpreter", at, message, "did you mean `/bin/bash`?") {
            one.severity = Severity::Error;
            one.fixes.push(Fix {
                title: "change to `/bin/bash`".into(),
                edits: vec![Edit {
                    span: at,
                    new_text: "/bin/bash".into(),
                }],
                safe: false,
            });
        }
        true
    }
}
