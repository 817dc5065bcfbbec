# A description that builds in seconds without a network, and what a build must not leave. For the tests of editors.

# tiny_description DIR: config.xml in DIR, with the repository that it names beside it.
tiny_description() {
  mkdir -p "$1"
  tests/tiny_repository.sh "$1/repository"
  cat >"$1/config.xml" <<END
<?xml version="1.0" encoding="utf-8"?>
<image schemaversion="8.5" name="Tiny">
    <description type="system">
        <author>Nobody</author>
        <contact>nobody@example.org</contact>
        <specification>What the editor tests build</specification>
    </description>
    <profiles>
        <profile name="Small" description="All there is" import="true"/>
    </profiles>
    <preferences>
        <version>1.0.0</version>
        <packagemanager>apt</packagemanager>
        <type image="tbz"/>
    </preferences>
    <repository type="apt-deb" alias="tiny" repository_gpgcheck="false">
        <source path="file://$1/repository"/>
    </repository>
    <packages type="bootstrap">
        <package name="apt"/>
    </packages>
</image>
END
}

# nothing_left DIR MOUNTS: mounts are those of before, and no process is of a build of DIR or of its script.
nothing_left() {
  local left file line
  for _ in $(seq 100); do
    left=''
    for file in /proc/[0-9]*/cmdline; do
      line=$(tr '\0' ' ' 2>/dev/null <"$file") || continue
      [[ $line != *"$1/"* && $line != *"sleep 30303"* ]] || left+="$line"$'\n'
    done
    if [ -z "$left" ] && [ "$(cut -d' ' -f5 /proc/self/mountinfo)" = "$2" ]; then
      printf 'ok: builds left no process and no mount\n' >&2
      return
    fi
    sleep 0.1
  done
  printf 'FAILED: left behind, by process or mount:\n%s' "$left" >&2
  cut -d' ' -f5 /proc/self/mountinfo | diff <(printf '%s\n' "$2") - >&2
  return 1
}
