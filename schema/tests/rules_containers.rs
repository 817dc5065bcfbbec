//! Seeded mistakes in containers: each is found, alone, where it stands; sound ones are quiet.
#![cfg(test)]

mod seeded;

use seeded::{Mistake, in_type};

fn container(attributes: &str, inside: &str) -> String {
    format!("<type image=\"docker\"><containerconfig {attributes}>{inside}</containerconfig></type>")
}

fn inside(code: &'static str, inside: &str) -> Mistake {
    in_type(code, &container("name=\"web\"", inside))
}

fn attribute(code: &'static str, name: &str, value: &str) -> Mistake {
    in_type(
        code,
        &container(&format!("name=\"web\" {name}=\"|{value}|\""), ""),
    )
}

fn base(value: &str) -> String {
    format!("<type image=\"docker\" derived_from=\"{value}\"><containerconfig name=\"web\"/></type>")
}

#[test]
fn sound_containers_are_quiet() {
    for (attributes, inside) in [
        (
            "name=\"container_name\" tag=\"1.0\" additionalnames=\":latest,current,foo:2.0,localhost:5000/foo\" user=\"root\" workingdir=\"/root\"",
            "",
        ),
        (
            "name=\"registry.example.org/group/app\" tag=\"$TAG\"",
            "<entrypoint clear=\"true\"/><subcommand clear=\"true\"/>",
        ),
        (
            "name=\"web\" user=\"1000:1000\"",
            "<entrypoint execute=\"app\"><argument name=\"-l\"/><argument name=\"-x\"/></entrypoint><expose><port number=\"80\"/><port number=\"80/udp\"/></expose>",
        ),
        (
            "name=\"web\"",
            "<stopsignal>RTMIN+3</stopsignal><environment><env name=\"PATH\" value=\"/bin\"/><env name=\"X\" value=\"a=b\"/></environment>",
        ),
        (
            "name=\"web\"",
            "<volumes><volume name=\"/tmp\"/><volume name=\"/var/log\"/></volumes><stopsignal>9</stopsignal>",
        ),
    ] {
        seeded::quiet(&seeded::with_type(&container(attributes, inside)));
    }
    for sound in [
        "obs://project/repo/image#mytag",
        "obsrepositories:/disk#latest",
        "docker://registry.example.org/base:latest",
        "file:///srv/base.tar.xz",
        "dir:///srv/base",
        "own://anything",
    ] {
        seeded::quiet(&seeded::with_type(&base(sound)));
    }
}

#[test]
fn mistakes_in_containers() {
    for wrong in [
        in_type("container-name", &container("name=\"|My App|\"", "")),
        in_type("container-name", &container("name=\"|web:latest|\"", "")),
        attribute("container-name", "tag", "1.0 beta"),
        attribute("container-name", "additionalnames", "Foo:1.0"),
        attribute("container-path", "workingdir", "srv/www"),
        attribute("container-user", "user", "web server"),
        inside("container-port", "<expose><port number=\"|70000|\"/></expose>"),
        inside("container-port", "<expose><port number=\"|0/udp|\"/></expose>"),
        inside(
            "container-port",
            "<expose><port number=\"80\"/><port number=\"|80/tcp|\"/></expose>",
        ),
        inside(
            "container-path",
            "<volumes><volume name=\"|var/log|\"/></volumes>",
        ),
        inside(
            "container-path",
            "<volumes><volume name=\"/srv\"/><volume name=\"|/srv/|\"/></volumes>",
        ),
        inside(
            "duplicate-setting",
            "<labels><label name=\"a\" value=\"1\"/><label name=\"|a|\" value=\"2\"/></labels>",
        ),
        inside(
            "duplicate-setting",
            "<environment><env name=\"A\" value=\"1\"/><env name=\"|A|\" value=\"2\"/></environment>",
        ),
        inside(
            "variable-name",
            "<environment><env name=\"|A=B|\" value=\"1\"/></environment>",
        ),
        inside("container-command", "<entrypoint execute=\"|/bin/sh -c|\"/>"),
        inside(
            "container-command",
            "<entrypoint execute=\"app\"><argument name=\"|-l -x|\"/></entrypoint>",
        ),
        inside("stop-signal", "<stopsignal>|SIGTREM|</stopsignal>"),
        in_type("base-image", &base("|registry.example.org/base:latest|")),
        in_type("base-image", &base("|dokcer://registry.example.org/base|")),
    ] {
        wrong.is_found();
    }
}

#[test]
fn repairs_are_offered() {
    assert!(
        inside("", "<stopsignal>|SIGTREM|</stopsignal>")
            .repaired()
            .contains(">SIGTERM<")
    );
    let named = in_type("", &base("|registry.example.org/base:latest|"));
    assert!(
        named
            .repaired()
            .contains("\"docker://registry.example.org/base:latest\"")
    );
    assert!(
        attribute("", "workingdir", "srv")
            .repaired()
            .contains("workingdir=\"/srv\"")
    );
}
