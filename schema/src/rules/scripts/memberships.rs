//! Groups as a script of a build puts accounts into them: slips of those which systems have, and lists that take an account
//! out of others. Looks at words; runs nothing.

use super::Script;
use crate::rules::files::Here;
use crate::rules::found::{one_keystroke, plural};
use crate::rules::users::groups::GROUPS;

impl Script<'_> {
    /// Groups that accounts are put in and that are slips of those which systems have.
    pub(in crate::rules) fn groups(
        &mut self,
        here: &Here<'_>,
        at: usize,
        line: &str,
        program: &str,
        rest: &[&str],
    ) -> bool {
        let list = match program {
            "usermod" | "useradd" => {
                let flag = |w: &&str| {
                    *w == "--groups" || w.starts_with('-') && !w.starts_with("--") && w.ends_with('G')
                };
                rest.iter().position(flag).and_then(|at| rest.get(at + 1))
            }
            // One that is made under a slip of the name which the script goes on with.
            "groupadd" => rest.iter().find(|w| {
                let meant = |k: &&str| k.len() > 3 && one_keystroke(k, w) && self.text.contains(*k);
                !w.starts_with('-') && GROUPS.iter().any(meant)
            }),
            "gpasswd" if rest.first() == Some(&"-a") => rest.get(2),
            "adduser" | "addgroup" if rest.len() == 2 && rest.iter().all(|w| !w.starts_with('-')) => {
                rest.get(1)
            }
            _ => None,
        };
        let Some(list) = list.filter(|l| !crate::rules::filled::filled(l)) else {
            return false;
        };
        if program == "usermod" && self.taken_out(here, at, line, rest, list) {
            return true;
        }
        let own = || here.image.accounts().flat_map(|u| u.attrs.list("groups"));
        let own = |name: &str| own().any(|g| g.split(':').next() == Some(name));
        let known = |name: &str| {
            let account = |u: &crate::description::model::Element| u.attrs.get("name") == Some(name);
            GROUPS.contains(&name) || own(name) || here.image.accounts().any(account)
        };
        let odd = list.split(',').find(|g| g.len() > 3 && !known(g));
        let Some(group) = odd else { return false };
        // Of these nobody has another under their plural.
        let single = |k: &str| matches!(k, "wheel" | "sudo" | "docker" | "audio" | "video" | "plugdev");
        let close = |k: &&str| k.len() > 3 && one_keystroke(k, group) && (single(k) || !plural(group, k));
        let Some(meant) = GROUPS.iter().copied().find(close) else {
            return false;
        };
        // It may come with a package of its name, or be made before.
        let named = crate::rules::files::items(here.image).any(|i| i.name.value.contains(group));
        if named || self.text.matches(group).count() > 1 {
            return false;
        }
        let message = format!("no group is known as `{group}`");
        let then = "the command fails: the build stops there, or the account is in no such group";
        self.tell_meant(at, line, group, message, meant, then)
    }

    /// A list of groups that takes the place of those which an account is described with.
    fn taken_out(&mut self, here: &Here<'_>, at: usize, line: &str, rest: &[&str], list: &str) -> bool {
        let flag = rest
            .iter()
            .copied()
            .find(|w| *w == "--groups" || w.starts_with('-') && w.ends_with('G'));
        let adds =
            |w: &&str| *w == "--append" || w.starts_with('-') && !w.starts_with("--") && w.contains('a');
        let Some((flag, name)) = flag.zip(rest.last()).filter(|_| !rest.iter().any(adds)) else {
            return false;
        };
        let mut users = here.image.accounts();
        let Some(user) = users.find(|u| u.attrs.get("name") == Some(name)) else {
            return false;
        };
        // The first is the account's own, and stays.
        let groups = user.attrs.list("groups");
        let mut others = groups.iter().skip(1).filter_map(|g| g.split(':').next());
        let lost = others.find(|g| !list.split(',').any(|l| l == *g));
        let Some(lost) = lost else { return false };
        let message = format!(
            "`usermod {flag}` takes `{name}` out of the groups that it is described with, such as `{lost}`"
        );
        let label = "did you mean `-aG`?";
        let then = "the build would go through, and the account not be in its other groups";
        self.tell(at, line, flag, message, label, then)
    }
}
