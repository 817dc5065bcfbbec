//! What a serial console says, without its escape sequences, and the signs in it.

use std::collections::VecDeque;

/// Lines kept for a message.
const TAIL: usize = 20;

/// What shows how a boot goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A login prompt.
    Login,
    /// The kernel gave up.
    Panic,
    /// systemd, dracut or the initramfs ended in a shell for repairs.
    Emergency,
    /// The firmware found nothing to start.
    Nothing,
    /// GRUB waits for commands.
    Loader,
}

/// The console so far.
#[derive(Debug, Default)]
pub struct Console {
    lines: VecDeque<String>,
    line: String,
    escape: Escape,
    seen: Option<Sign>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Begun,
    Control,
    String,
}

impl Console {
    /// More of it.
    pub fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.escape = match (self.escape, byte) {
                (Escape::Begun, b'[') => Escape::Control,
                (Escape::Begun, b']' | b'P') => Escape::String,
                (Escape::Begun, _) => Escape::None,
                (Escape::Control, 0x40..=0x7e) => Escape::None,
                (Escape::Control, _) => Escape::Control,
                (Escape::String, 7) => Escape::None,
                (Escape::String, 0x1b) => Escape::Begun,
                (Escape::String, _) => Escape::String,
                (Escape::None, 0x1b) => Escape::Begun,
                (Escape::None, b'\n') => {
                    self.end_line();
                    Escape::None
                }
                (Escape::None, 0x20..=0x7e) => {
                    if self.line.len() < 4096 {
                        self.line.push(char::from(*byte));
                    }
                    Escape::None
                }
                (Escape::None, _) => Escape::None,
            };
        }
        let sign = sign_of(&self.line, true);
        self.seen = self.seen.or(sign);
    }

    fn end_line(&mut self) {
        self.seen = self.seen.or(sign_of(&self.line, false));
        let line = std::mem::take(&mut self.line);
        if !line.trim().is_empty() {
            self.lines.push_back(line);
        }
        if self.lines.len() > TAIL {
            self.lines.pop_front();
        }
    }

    /// The first sign that showed.
    pub fn sign(&self) -> Option<Sign> {
        self.seen
    }

    /// The last lines.
    pub fn tail(&self) -> Vec<String> {
        let open = Some(self.line.clone()).filter(|l| !l.trim().is_empty());
        self.lines.iter().cloned().chain(open).collect()
    }
}

/// A prompt waits on an unfinished line: `HOST login: `. Kernel lines may stand before it on the same one.
fn sign_of(line: &str, open: bool) -> Option<Sign> {
    if line.contains("Kernel panic - not syncing") {
        Some(Sign::Panic)
    } else if [
        "Entering emergency mode",
        "You are in emergency mode",
        "(initramfs)",
    ]
    .iter()
    .any(|text| line.contains(text))
    {
        Some(Sign::Emergency)
    } else if open && line.trim() == "Shell>" || line.contains("No bootable option or device was found") {
        Some(Sign::Nothing)
    } else if line.contains("grub rescue>") || open && line.trim() == "grub>" {
        Some(Sign::Loader)
    } else if open && line.trim_end().ends_with(" login:") {
        Some(Sign::Login)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(text: &str) -> Option<Sign> {
        let mut console = Console::default();
        for byte in text.bytes() {
            console.add(&[byte]);
        }
        console.sign()
    }

    #[test]
    fn a_prompt_is_one_only_while_its_line_is_open() {
        assert_eq!(
            sign("Debian GNU/Linux 12 debian ttyS0\r\n\r\n\u{1b}[1mdebian login: "),
            Some(Sign::Login)
        );
        assert_eq!(sign("Starting getty: for login\r\n"), None);
        assert_eq!(
            sign("[    0.1] Kernel panic - not syncing: VFS\r\n"),
            Some(Sign::Panic)
        );
        assert_eq!(sign("(initramfs) "), Some(Sign::Emergency));
        assert_eq!(sign("Press ESC\u{1b}[37m\r\nShell> "), Some(Sign::Nothing));
        assert_eq!(sign("\u{1b}[1mgrub> "), Some(Sign::Loader));
        assert_eq!(sign("grub rescue> "), Some(Sign::Loader));
    }

    #[test]
    fn the_tail_is_bounded_and_plain() {
        let mut console = Console::default();
        for n in 0..50 {
            console.add(format!("\u{1b}[32mline {n}\u{1b}[0m\r\n").as_bytes());
        }
        assert_eq!(console.tail().len(), 20);
        assert_eq!(console.tail().last().map(String::as_str), Some("line 49"));
    }
}
