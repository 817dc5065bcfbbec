//! `--set-repo`: a repository given on the command line in place of the description's first, in kiwi-ng's form of up to
//! eleven fields between commas.

use apteryx_schema::description::model::{At, Element, Filter, Repository};
use apteryx_schema::diagnostic::FileId;
use apteryx_schema::text::Span;

use crate::error::BuildError;

/// The fields after the source, in order, as attributes of `<repository>`; the empty one is the list of keys.
const FIELDS: [&str; 10] = [
    "type",
    "alias",
    "priority",
    "imageinclude",
    "package_gpgcheck",
    "",
    "components",
    "distribution",
    "repository_gpgcheck",
    "sourcetype",
];

fn at(value: &str) -> At {
    At {
        value: value.into(),
        file: FileId::default(),
        span: Span::empty(0),
    }
}

/// Reads `source,type,alias,priority,imageinclude,package_gpgcheck,{key;key},components,distribution,repo_gpgcheck,
/// repo_sourcetype`; empty fields are not given.
pub fn parse(text: &str) -> Result<Repository, BuildError> {
    let mut fields = text.split(',').map(str::trim);
    let source = fields.next().unwrap_or("");
    let fields: Vec<&str> = fields.collect();
    if source.is_empty() || fields.len() > FIELDS.len() {
        return Err(BuildError::Usage {
            code: "bad-repository",
            message: format!("`{text}` is no repository"),
            help: Some("write `SOURCE,TYPE,ALIAS,PRIORITY,…`, at most eleven fields".to_owned()),
        });
    }
    let mut attrs = Vec::new();
    let mut signing_keys = Vec::new();
    for (name, value) in FIELDS.iter().zip(&fields).filter(|(_, value)| !value.is_empty()) {
        if name.is_empty() {
            let keys = value.trim_start_matches('{').trim_end_matches('}').split(';');
            signing_keys.extend(keys.map(str::trim).filter(|key| !key.is_empty()).map(at));
        } else {
            let value = match value.to_ascii_lowercase().as_str() {
                "true" => "true".to_owned(),
                "false" => "false".to_owned(),
                _ => (*value).to_owned(),
            };
            attrs.push(((*name).into(), at(&value)));
        }
    }
    Ok(Repository {
        filter: Filter::default(),
        source: at(source),
        signing_keys,
        element: Element {
            name: "repository".into(),
            attrs: attrs.into(),
            ..Element::default()
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_attributes() {
        let text =
            "https://ftp.debian.org/debian,apt-deb,main,,True,,{/a.asc;/b.asc},main contrib,bookworm,false";
        let repository = parse(text).expect("it is one");
        let attrs = &repository.element.attrs;
        assert_eq!(repository.source.value, "https://ftp.debian.org/debian");
        assert_eq!((attrs.get("alias"), attrs.get("priority")), (Some("main"), None));
        assert_eq!(
            (attrs.bool("imageinclude"), attrs.bool("repository_gpgcheck")),
            (Some(true), Some(false))
        );
        assert_eq!(
            (attrs.get("components"), attrs.get("distribution")),
            (Some("main contrib"), Some("bookworm"))
        );
        assert_eq!(
            repository
                .signing_keys
                .iter()
                .map(|key| key.value.as_str())
                .collect::<Vec<_>>(),
            ["/a.asc", "/b.asc"]
        );
        assert_eq!(parse("").expect_err("it is none").exit_code(), 2);
        assert!(parse("a,b,c,d,e,f,g,h,i,j,k,l").is_err());
    }
}
