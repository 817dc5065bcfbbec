# /.kconfig: helper functions for the scripts of an image description. Scripts read it with `. /.kconfig`.
# Written for Apteryx; the names are those that descriptions call. It only defines functions, and changes nothing when read.

# --- saying things -------------------------------------------------------------------------------

Echo() { printf '%s\n' "$*"; }
Debug() { if [ "${debug:-0}" = 1 ]; then printf 'debug: %s\n' "$*" >&2; fi; }
Rm() { Debug "rm $*"; rm "$@"; }
Rpm() { Debug "rpm $*"; rpm "$@"; }

_kconfig_obsolete() { printf 'note: `%s` is obsolete and does nothing\n' "$1" >&2; }

# --- services ------------------------------------------------------------------------------------

# Below which folder units are looked for: empty in an image, a test sets it.
_kconfig_root=

# baseSystemdServiceInstalled NAME: the file of this unit, nothing where there is none.
baseSystemdServiceInstalled() {
    local name folder file
    case ${1:-} in *.*) name=$1 ;; *) name="$1.service $1.mount" ;; esac
    for folder in /etc/systemd/system /usr/lib/systemd/system /lib/systemd/system /run/systemd/system; do
        for file in $name; do
            # Of a template's instance the template.
            case $file in *@*.*) file="$file ${file%%@*}@.${file##*.}" ;; esac
            for file in $file; do
                if [ -e "$_kconfig_root$folder/$file" ] || [ -L "$_kconfig_root$folder/$file" ]; then
                    printf '%s\n' "$folder/$file"
                    return 0
                fi
            done
        done
    done
    return 0
}
# baseSysVServiceInstalled NAME: the name, where a script of this name starts a service.
baseSysVServiceInstalled() {
    if [ -x "$_kconfig_root/etc/init.d/${1:-}" ]; then printf '%s\n' "$1"; fi
}

# baseSystemdCall NAME VERB...: runs `systemctl VERB... NAME`. A service that is not there is no error, as ever: it is noted.
# A second name that a link stands for (Debian's `sshd`), and that systemctl refuses, is told by the first.
baseSystemdCall() {
    local name=$1 link
    shift
    link=$_kconfig_root$(baseSystemdServiceInstalled "$name")
    if [ -L "$link" ]; then
        link=$(readlink "$link")
        case ${link##*/} in *.*) name=${link##*/} ;; esac
    fi
    if [ -n "$(baseSystemdServiceInstalled "$name")$(baseSysVServiceInstalled "$name")" ]; then
        systemctl "$@" "$name"
    else
        printf 'note: there is no service `%s`, and nothing is done for it\n' "$name" >&2
    fi
}
baseSystemctlCall() { baseSystemdCall "$@"; }

baseInsertService() { local name; for name in "$@"; do baseSystemdCall "$name" enable || return; done; }
baseRemoveService() { local name; for name in "$@"; do baseSystemdCall "$name" disable || return; done; }

# baseService NAME on|off
baseService() {
    if [ -z "${1:-}" ] || [ -z "${2:-}" ]; then
        Echo "baseService: usage: baseService NAME on|off" >&2
        return 1
    fi
    case $2 in
        on) baseInsertService "$1" ;;
        off) baseRemoveService "$1" ;;
        *) Echo "baseService: expected on or off, not $2" >&2; return 1 ;;
    esac
}

suseInsertService() { baseInsertService "$@"; }
suseRemoveService() { baseRemoveService "$@"; }
suseService() { baseService "$@"; }
suseActivateDefaultServices() { _kconfig_obsolete suseActivateDefaultServices; }

# baseSetRunlevel 1..5|TARGET: what the machine boots to.
baseSetRunlevel() {
    local target
    case ${1:-} in
        1|rescue|rescue.target) target=rescue.target ;;
        2|3|multi-user|multi-user.target) target=multi-user.target ;;
        5|graphical|graphical.target) target=graphical.target ;;
        *)
            target=${1:-}
            if [ -z "$target" ] || [ -z "$(baseSystemdServiceInstalled "${target%.target}.target")" ]; then
                Echo "baseSetRunlevel: no target for '$target'" >&2
                return 1
            fi ;;
    esac
    systemctl set-default "$target"
}

# The machine as a box of Vagrant's: the user `vagrant` (of the description) may do all, and its folder is there. Vagrant's
# well-known key is for the overlay to bring (`root/home/vagrant/.ssh/authorized_keys`).
baseVagrantSetup() {
    mkdir -p /etc/sudoers.d /vagrant || return
    printf 'vagrant ALL=(ALL) NOPASSWD: ALL\n' >/etc/sudoers.d/vagrant || return
    chmod 0440 /etc/sudoers.d/vagrant
    chown vagrant:vagrant /vagrant || return
    if [ -d /etc/ssh/sshd_config.d ]; then printf 'UseDNS no\n' >/etc/ssh/sshd_config.d/10-vagrant.conf; fi
    # `sshd` is a second name of Debian's `ssh`.
    baseInsertService sshd || return
    if [ ! -s /home/vagrant/.ssh/authorized_keys ]; then
        echo "note: /home/vagrant/.ssh/authorized_keys is empty; \`vagrant ssh\` needs a key there" >&2
    fi
}

baseDisableCtrlAltDel() { systemctl mask ctrl-alt-del.target; }

# --- files of settings ---------------------------------------------------------------------------

# baseUpdateSysConfig FILE KEY VALUE: sets KEY="VALUE" where KEY stands, appends it where it does not.
baseUpdateSysConfig() {
    local file=$1 key=$2 value=$3 quoted line found=
    if [ ! -f "$file" ]; then
        Echo "baseUpdateSysConfig: no file $file" >&2
        return 1
    fi
    quoted="$key=\"$value\""
    local new
    new=$(mktemp "$file.XXXXXX") || return 1
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
            "$key="*) line=$quoted; found=1 ;;
        esac
        printf '%s\n' "$line"
    done <"$file" >"$new"
    [ -n "$found" ] || printf '%s\n' "$quoted" >>"$new"
    cat "$new" >"$file"
    rm -f "$new"
}

# baseQuoteFile FILE: its assignments with their values in single quotes, and nothing else of it.
baseQuoteFile() {
    local line key value new
    new=$(mktemp "$1.XXXXXX") || return 1
    while IFS= read -r line || [ -n "$line" ]; do
        case ${line#"${line%%[![:space:]]*}"} in
            ''|\#*) continue ;;
            *=*)
                key=${line%%=*} value=${line#*=}
                case $value in \"*\"|\'*\') value=${value#?} value=${value%?} ;; esac
                value=${value//\\\"/\"}
                printf "%s='%s'\n" "$key" "${value//\'/\'\\\'\'}" ;;
            *) printf '%s\n' "$line" ;;
        esac
    done <"$1" >"$new"
    cat "$new" >"$1"
    rm -f "$new"
}

# The day of the build, in the image: /build_day.
baseSetupBuildDay() {
    printf 'build_day=%s\n' "$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y%m%d)" >/build_day
}

# What the machine makes for itself on its first start.
baseCleanup() { rm -f /var/lib/systemd/random-seed; }
suseCleanup() { baseCleanup; rm -f /var/lib/zypp/AnonymousUniqueId; }

# --- what the description asked for --------------------------------------------------------------

baseGetPackagesForDeletion() { Echo "${kiwi_delete:-}"; }
baseGetProfilesUsed() { Echo "${kiwi_profiles:-}"; }

# --- making it smaller ---------------------------------------------------------------------------

# _kconfig_keep FOLDER NAME...: of the entries of FOLDER only those named stay.
_kconfig_keep() {
    local folder=$1 entry name keep
    shift
    [ -d "$folder" ] || return 0
    for entry in "$folder"/*; do
        [ -e "$entry" ] || continue
        keep=
        for name in "$@"; do
            case ${entry##*/} in "$name"|"$name".*|"$name"@*) keep=1 ;; esac
        done
        [ -n "$keep" ] || rm -rf -- "$entry"
    done
    return 0
}

# baseStripLocales NAME...: keeps these locales, and C and POSIX always. Without a name it does nothing.
baseStripLocales() {
    [ "$#" -gt 0 ] || { Echo "baseStripLocales: no locale named, nothing is removed" >&2; return 0; }
    _kconfig_keep /usr/lib/locale C POSIX locale-archive "$@"
}

# baseStripTranslations FILE: removes message catalogues, keeps those whose file name is given.
baseStripTranslations() {
    [ -d /usr/share/locale ] || return 0
    if [ -n "${1:-}" ]; then
        find /usr/share/locale -name '*.mo' ! -name "$1" -delete
    else
        find /usr/share/locale -name '*.mo' -delete
    fi
}

baseStripMans() { _kconfig_strip_docs /usr/share/man "$@"; }
# Licences and copyrights stay.
baseStripDocs() { _kconfig_strip_docs /usr/share/doc [Cc][Oo][Pp][Yy][Ii][Nn][Gg] [Ll][Ii][Cc][Ee][Nn][SsCc][Ee] [Cc][Oo][Pp][Yy][Rr][Ii][Gg][Hh][Tt] "$@"; }
baseStripInfos() { _kconfig_strip_docs /usr/share/info "$@"; }

# _kconfig_strip_docs FOLDER NAME...: removes files below FOLDER, keeps those with one of these names in their path.
_kconfig_strip_docs() {
    local folder=$1 name args=()
    shift
    [ -d "$folder" ] || return 0
    for name in "$@"; do args+=(! -path "*$name*"); done
    find "$folder" -type f "${args[@]}" -delete
}

debianStripDocs() { baseStripDocs "$@"; }

# baseStripAndKeep NAME...: removes the files whose paths stand on standard input, keeps those with one of these in their name.
baseStripAndKeep() {
    local file name keep
    while IFS= read -r file; do
        keep=
        for name in $*; do
            case ${file##*/} in *"$name"*) keep=1 ;; esac
        done
        [ -n "$keep" ] || Rm -rf -- "$file"
    done
    return 0
}

baseStripFirmware() {
    local kernel wanted file
    [ -d /lib/firmware ] || return 0
    wanted=$(mktemp) || return 1
    for kernel in /lib/modules/*; do
        find "$kernel" -name '*.ko*' -exec modinfo -F firmware {} + 2>/dev/null
    done | sort -u >"$wanted"
    find /lib/firmware -type f | while IFS= read -r file; do
        grep -qxF -e "${file#/lib/firmware/}" "$wanted" || rm -f -- "$file"
    done
    rm -f "$wanted"
}
suseStripFirmware() { baseStripFirmware "$@"; }

# These are for initrds built from a tree, which no image type here makes, and for systems of before systemd.
for _kconfig_name in baseStripUnusedLibs baseStripTools baseStripKernel baseStripInitrd baseStripModules baseStripKernelModules \
    baseStripRPM baseCreateCommonKernelFile baseCreateKernelTree baseSyncKernelTree baseFixupKernelModuleDependencies \
    baseSetupBoot baseSetupBusyBox baseSetupOEMPartition suseStripKernel suseStripInitrd rhelStripKernel rhelStripInitrd \
    rhelSplashToGrub debianStripKernel debianStripInitrd suseActivateServices suseCloneRunlevel suseGFXBoot \
    suseRemovePackagesMarkedForDeletion; do
    eval "$_kconfig_name() { _kconfig_obsolete $_kconfig_name; }"
done
unset _kconfig_name

# baseKernelDriverMatches MODULE: one of the description's drivers is part of its name.
baseKernelDriverMatches() {
    local driver
    for driver in ${kiwi_drivers//,/ }; do
        case ${1:-} in *"$driver"*) return 0 ;; esac
    done
    return 1
}

baseUpdateModuleDependencies() {
    local folder
    for folder in /lib/modules/*; do
        if [ -d "$folder" ]; then depmod "${folder##*/}" || return; fi
    done
    return 0
}

# --- packages ------------------------------------------------------------------------------------

# baseStripPackager -a: removes the package manager and its data; without -a only the caches.
baseStripPackager() {
    rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/cache/zypp/* /var/cache/dnf/* /var/cache/pacman/pkg/*
    if [ "${1:-}" = -a ]; then
        rm -rf /usr/bin/apt /usr/bin/apt-get /usr/bin/apt-cache /var/lib/apt /usr/bin/zypper /usr/bin/dnf /usr/bin/dnf-3 /usr/bin/dnf5
    fi
}
suseStripPackager() { baseStripPackager "$@"; }

# Public keys that lie in the image become known to rpm.
suseImportBuildKey() {
    local key
    command -v rpm >/dev/null || return 0
    for key in /usr/lib/rpm/gnupg/keys/*.asc /etc/pki/rpm-gpg/*; do
        if [ -f "$key" ]; then rpm --import "$key" || return 1; fi
    done
    return 0
}
rhelImportBuildKey() { suseImportBuildKey "$@"; }

# Without its set-up tool, where no first start needs it.
suseRemoveYaST() {
    local found
    if [ -e /etc/YaST2/firstboot.xml ] || [ -e /var/lib/autoinstall/autoconf/autoconf.xml ]; then return 0; fi
    found=$(rpm -qa | grep yast) || return 0
    rpm -e --nodeps $found
}

# The product of the machine is the only .prod file there is.
suseSetupProduct() {
    local product
    [ -e /etc/products.d/baseproduct ] && return 0
    for product in /etc/products.d/*.prod; do
        if [ -f "$product" ]; then ln -sf "${product##*/}" /etc/products.d/baseproduct; return; fi
    done
    return 0
}

# --- no longer needed ----------------------------------------------------------------------------

suseConfig() { _kconfig_obsolete suseConfig; }
suseSetupProductInformation() { _kconfig_obsolete suseSetupProductInformation; }
baseMount() { _kconfig_obsolete baseMount; }
baseCleanMount() { _kconfig_obsolete baseCleanMount; }
baseCleanTmp() { _kconfig_obsolete baseCleanTmp; }
baseSetupUserPermissions() { _kconfig_obsolete baseSetupUserPermissions; }
baseSetupInPlaceGITRepository() { _kconfig_obsolete baseSetupInPlaceGITRepository; }
baseSetupInPlaceSVNRepository() { _kconfig_obsolete baseSetupInPlaceSVNRepository; }
baseSetupPlainTextGITRepository() { _kconfig_obsolete baseSetupPlainTextGITRepository; }
importDatabases() { _kconfig_obsolete importDatabases; }
