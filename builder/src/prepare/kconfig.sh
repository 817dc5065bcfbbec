# /.kconfig: helper functions for the scripts of an image description. Scripts read it with `. /.kconfig`.
# Written for Apteryx; the names are those that descriptions call. It only defines functions, and changes nothing when read.

# --- saying things -------------------------------------------------------------------------------

Echo() { printf '%s\n' "$*"; }
Debug() { if [ "${debug:-0}" = 1 ]; then printf 'debug: %s\n' "$*" >&2; fi; }
Rm() { Debug "rm $*"; rm "$@"; }
Rpm() { Debug "rpm $*"; rpm "$@"; }

_kconfig_obsolete() { printf 'note: `%s` is obsolete and does nothing\n' "$1" >&2; }

# --- services ------------------------------------------------------------------------------------

# A name without a suffix is a service unit; sockets, timers and templates keep theirs.
_kconfig_unit() { case $1 in *.*) printf '%s' "$1" ;; *) printf '%s.service' "$1" ;; esac; }

baseInsertService() { local name; for name in "$@"; do systemctl enable "$(_kconfig_unit "$name")"; done; }
baseRemoveService() { local name; for name in "$@"; do systemctl disable "$(_kconfig_unit "$name")"; done; }

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
        *) Echo "baseSetRunlevel: no target for '${1:-}'" >&2; return 1 ;;
    esac
    systemctl set-default "$target"
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

# baseQuoteFile SOURCE TARGET: the assignments of SOURCE with their values in single quotes.
baseQuoteFile() {
    local line key value
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
            ''|\#*) continue ;;
            *=*)
                key=${line%%=*} value=${line#*=}
                value=${value#[\"\']} value=${value%[\"\']}
                printf "%s='%s'\n" "$key" "${value//\'/\'\\\'\'}" ;;
        esac
    done <"$1" >"$2"
}

# The day of the build, in the image.
baseSetupBuildDay() {
    date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y%m%d >/build-custom-day
    Echo "build day: $(cat /build-custom-day)"
}

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
baseStripDocs() { _kconfig_strip_docs /usr/share/doc "$@"; }
baseStripInfos() { _kconfig_strip_docs /usr/share/info "$@"; }

# _kconfig_strip_docs FOLDER NAME...: removes files below FOLDER, keeps those with one of these names in their path.
_kconfig_strip_docs() {
    local folder=$1 name args=()
    shift
    [ -d "$folder" ] || return 0
    for name in "$@"; do args+=(! -path "*$name*"); done
    find "$folder" -type f "${args[@]}" -delete
}

# Debian needs the copyright files of packages; they stay.
debianStripDocs() { baseStripDocs copyright "$@"; }

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

# baseStripUnusedLibs and baseStripTools are for initrds built from a tree, which no image type here makes.
baseStripUnusedLibs() { _kconfig_obsolete baseStripUnusedLibs; }
baseStripTools() { _kconfig_obsolete baseStripTools; }
baseStripKernel() { _kconfig_obsolete baseStripKernel; }
baseStripInitrd() { _kconfig_obsolete baseStripInitrd; }
suseStripKernel() { _kconfig_obsolete suseStripKernel; }
suseStripInitrd() { _kconfig_obsolete suseStripInitrd; }

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
