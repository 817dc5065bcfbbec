//! What the random editor opens and types.

/// A sound description.
const SOUND: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<image schemaversion="8.5" name="a">
  <description type="system"><author>Ä 😀</author><contact>a@example.org</contact><specification>s</specification></description>
  <profiles><profile name="Disk" description="d"/><profile name="Live" description="l"/></profiles>
  <preferences><version>1.0.0</version><packagemanager>apt</packagemanager></preferences>
  <preferences profiles="Disk"><type image="oem" filesystem="ext4" firmware="uefi"/></preferences>
  <preferences profiles="Live"><type image="tbz"/></preferences>
  <users><user name="root" password="$6$x$y" groups="root"/></users>
  <repository type="apt-deb" distribution="stable" components="main"><source path="https://ftp.debian.org/debian"/></repository>
  <packages type="image"><package name="bash"/><!-- 😀 --><package name="bash"/><archive name="tools.tar"/></packages>
  <packages type="bootstrap"><package name="base-files"/></packages>
</image>
"#;

const YAML: &str = "image:\n  \"@schemaversion\": \"8.5\"\n  \"@name\": a\n  \"@displayame\": \"😀\"\n  description:\n    \
    \"@type\": system\n    author: A\n    contact: a@example.org\n    specification: s\n  preferences:\n    \
    version: 1.0.0\n    packagemanager: apt\n    type:\n      \"@image\": tbz\n";

const PART: &str = "<image>\n<packages type=\"image\"><package nam=\"bash\"/></packages>\n</image>\n";

/// The files of the folder: names, as a URI writes them, and texts. The first includes the second.
pub fn files() -> Vec<(&'static str, String)> {
    let main = SOUND.replace("</image>", "  <include from=\"this://part.xml\"/>\n</image>");
    vec![
        ("config.xml", main),
        ("part.xml", PART.to_owned()),
        ("crlf.kiwi", SOUND.replace('\n', "\r\n")),
        ("%C3%A4%20%F0%9F%98%80.kiwi", format!("\u{feff}{SOUND}")),
        ("old.kiwi", SOUND.replace("8.5", "7.4").replace('\n', "\r")),
        ("latin.kiwi", SOUND.replace("utf-8", "koi8-r")),
        ("c.yaml", YAML.to_owned()),
        ("empty.kiwi", String::new()),
    ]
}

/// What is typed.
pub const TYPED: [&str; 44] = [
    "<",
    ">",
    "/",
    "\"",
    "'",
    "=",
    "&",
    "&lt;",
    " ",
    "x",
    "x",
    "e",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "😀",
    "ä",
    "\u{feff}",
    "\u{2028}",
    "\u{0}",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "</",
    "</packages>",
    "<package name=\"",
    "<package name=\"zsh\"/>",
    "<pack",
    "<type image=\"",
    "<type image=\"iso\" filesytem=\"ext4\"/>",
    "profiles=\"Disk,",
    "<include from=\"this://part.xml\"/>",
    "<include from=\"this://part.xml\"/>",
    "<!-- apteryx: allow duplicate-package: x -->",
    "<nonsense a=\"b\">",
    "<image>",
    "schemaversion=\"7.4\"",
    "<users>",
    "  key: [",
    "<packages type=\"image\" profiles=\"Nope\"/>",
];

/// What the levels beside the descriptions may say.
pub const LEVELS: [&str; 4] = [
    "",
    "[checks]\nduplicate-package = \"off\"\n",
    "[checks]\nduplicate-package = \"error\"\nunused-profile = \"info\"\n",
    "[checks\n",
];
