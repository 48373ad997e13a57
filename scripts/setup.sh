# shellcheck shell=bash
# Brings what ./diorama found missing; sourced by it, and only then. It uses root, cache, yes, node, missing, say, fail and the
# find functions of ./diorama. Every step may be killed at any point: what it leaves is whole, or is made again by the next start.
# DIORAMA_OS_RELEASE names another os-release(5) file, for the tests.

# shellcheck disable=SC2154 # what ./diorama sets

readonly node_fetched=20.20.2 # for a machine whose own is too old, as Debian 12's 18 is
readonly apt_bound_s=1800 npm_bound_s=900 lock_bound_s=1800 answer_bound_s=300

# $1: the command to be run afterwards, which decides how much must be there.
set_up() {
  mkdir -p "$cache/setup" 2>/dev/null || true
  [[ -w $cache/setup ]] || fail "$cache cannot be written: name another cache with DIORAMA_CACHE=DIR"
  bring_packages "$1"
  if [[ -z $node ]]; then bring_node; fi
  if ! libraries_fresh; then bring_libraries; fi
}

# What only `check` uses is installed along with the rest, and alone where that takes no question; else it is done without.
bring_packages() {
  local needed=() extra=() row
  for row in "${missing[@]}"; do
    if for_check "$row"; then extra+=("$row"); else needed+=("$row"); fi
  done
  if [[ -z $node ]] && ! type -P node >/dev/null; then needed+=("$(row_of node)"); fi
  if [[ -z $node ]] || ! libraries_fresh; then type -P npm >/dev/null || needed+=("$(row_of npm)"); fi

  read_distribution
  read_rights
  if [[ $family == debian && $rights == free ]]; then
    install_on_debian "$1" "${needed[@]}" "${extra[@]}"
  elif ((${#needed[@]} == 0)) || runs_without "$1" "${needed[@]}"; then
    return 0
  elif [[ $family == debian && $rights == ask ]] && allowed "${needed[@]}" "${extra[@]}"; then
    install_on_debian "$1" "${needed[@]}" "${extra[@]}"
  else
    say_line "${needed[@]}" "${extra[@]}"
    exit "$exit_machine"
  fi
}

# Whether command $1 runs without the things of the rows $2...: help does, and doctor tells of them.
runs_without() {
  local row
  [[ $1 =~ ^(doctor|help|--help|-h|--version|-V)$ ]] || return
  for row in "${@:2}"; do
    [[ $(field 2 "$row") != start ]] || return
  done
}

field() {
  local fields
  IFS=$'\t' read -r -a fields <<<"$2"
  printf '%s' "${fields[$1 - 1]}"
}

row_of() { grep -m 1 "^$1"$'\t' "$root/harness/host/needs.tsv"; }

# Sets `family`, empty when we do not know its packages, and `distribution`, its own name.
read_distribution() {
  local key value like=
  family='' distribution='this distribution'
  while IFS='=' read -r key value; do
    value=${value//[\"\']/}
    case $key in
      ID | ID_LIKE) like+=" $value " ;;
      PRETTY_NAME) distribution=$value ;;
    esac
  done <"${DIORAMA_OS_RELEASE:-/etc/os-release}" || true
  case $like in
    *' debian '* | *' ubuntu '*) family=debian ;;
    *' fedora '* | *' rhel '*) family=fedora ;;
    *' arch '*) family=arch ;;
    *' alpine '*) family=alpine ;;
    *suse*) family=suse ;;
  esac
}

# Sets `rights` to free (install without a question), ask or none, and `as_root` to the words that go before a command.
read_rights() {
  as_root=() rights=none
  if (($(id -u) == 0)); then
    rights=free
  elif type -P sudo >/dev/null; then
    as_root=(sudo)
    if [[ $yes == yes ]]; then
      rights=free
      [[ -t 0 ]] || as_root=(sudo -n)
    elif [[ -t 0 && -t 2 ]]; then
      rights=ask
    fi
  fi
}

allowed() {
  local answer=
  say "these system packages are missing: $(packages_of "$@")"
  read -r -t "$answer_bound_s" -p 'diorama: install them with sudo? [y/N] ' answer || true
  [[ $answer == [yY]* ]]
}

say_line() {
  local sudo=
  (($(id -u) == 0)) || sudo='sudo '
  case $family in
    debian) say 'missing here; install with this line and start again:' ;;
    '') say "$distribution is not known; install what Debian calls $(family=debian packages_of "$@"), and start again" && return ;;
    *) say "missing on $distribution; install with this line and start again:" ;;
  esac
  case $family in
    debian) echo "${sudo}apt-get install -y --no-install-recommends $(packages_of "$@")" ;;
    fedora) echo "${sudo}dnf install -y $(packages_of "$@")" ;;
    arch) echo "${sudo}pacman -S --needed --noconfirm $(packages_of "$@")" ;;
    alpine) echo "${sudo}apk add $(packages_of "$@")" ;;
    suse) echo "${sudo}zypper install -y $(packages_of "$@")" ;;
  esac >&2
}

# The packages of some rows, in the words of `family`, each once.
packages_of() {
  local row column name seen=' '
  case $family in debian) column=4 ;; fedora) column=5 ;; arch) column=6 ;; alpine) column=7 ;; suse) column=8 ;; esac
  for row; do
    name=$(field "$column" "$row")
    [[ $seen == *" $name "* ]] || seen+="$name "
  done
  seen=${seen# }
  printf '%s' "${seen% }"
}

# npm comes last and only if it is still missing: some archives' nodejs contains it and conflicts with Debian's. What only `check` uses
# is installed package by package, and done without where the archive does not have it.
install_on_debian() {
  local command=$1 packages row log=$cache/setup/apt.log needed=() extra=()
  shift
  (($#)) || return 0
  exec 8>"$cache/setup/apt.lock" # apt-get itself waits for dpkg's lock only, not for those of its lists and archives
  flock -w "$lock_bound_s" 8 || fail "$cache/setup/apt.lock: another diorama has held it for $lock_bound_s s"
  : >"$log"
  say "installing $(packages_of "$@") (log: $log)"
  # An install that was interrupted leaves packages that only dpkg can finish; a source that is out of order is no reason to stop.
  as_admin "$log" dpkg --configure -a || true
  as_admin "$log" apt-get update -q || true
  for row; do
    if for_check "$row"; then extra+=("$row"); else needed+=("$row"); fi
  done
  packages=" $(packages_of "${needed[@]}") "
  # shellcheck disable=SC2086 # parts the packages
  apt_install "$log" ${packages/ npm / } || apt_failed "$log"
  if [[ $packages == *' npm '* ]] && ! type -P npm >/dev/null; then apt_install "$log" npm || apt_failed "$log"; fi
  for row in "${extra[@]}"; do
    apt_install "$log" "$(packages_of "$row")" || say "apt-get could not install $(packages_of "$row"), and check goes on without; all it said is in $log"
  done
  exec 8>&-
  hash -r
  find_node
  find_missing "$command"
  needed=()
  for row in "${missing[@]}"; do for_check "$row" || needed+=("$row"); done
  ((${#needed[@]} == 0)) || fail "installed, and still not found: $(packages_of "${needed[@]}"); all that apt-get said is in $log"
}

for_check() { [[ $(field 2 "$1") == check ]]; }

apt_install() {
  local log=$1
  shift
  (($#)) || return 0
  as_admin "$log" apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
}

apt_failed() {
  grep -h '^E:' "$1" | tail -n 5 >&2 || true
  fail "apt-get could not install them; all it said is in $1"
}

as_admin() {
  local log=$1
  shift
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive timeout --foreground "$apt_bound_s" "$@" >>"$log" 2>&1 </dev/null 8>&-
}

# The npm registry carries Node's own binaries as ordinary packages.
bring_node() {
  local machine home=$cache/node part
  case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64) machine=arm64 ;;
    *) fail "Node 20.11 or newer is needed; install it and start again" ;;
  esac
  type -P npm >/dev/null || fail 'Node 20.11 or newer is needed, and npm, which would fetch it, is not there'
  mkdir -p "$home"
  {
    flock -w "$lock_bound_s" 9 || fail "$home: another diorama has held the lock for $lock_bound_s s"
    find_node
    if [[ -z $node ]]; then
      say "fetching Node $node_fetched"
      part=$home/.part
      rm -rf "$part"
      mkdir "$part"
      run_npm "$cache/setup/node.log" install --prefix "$part" --ignore-scripts --no-save "node-linux-$machine@$node_fetched"
      new_enough "$part/node_modules/node-linux-$machine/bin/node" ||
        fail "the fetched Node does not run here; install Node 20.11 or newer and start again"
      rm -rf "${home:?}/$node_fetched"
      mv "$part/node_modules/node-linux-$machine" "$home/$node_fetched"
      rm -rf "$part"
      find_node
    fi
  } 9>"$home/.lock"
}

# The stamp goes first and comes back last: an npm ci that was cut short is done again. npm inherits the lock, so that one which
# outlives a killed launcher still keeps the next one waiting.
bring_libraries() {
  [[ -w $root ]] || fail "$root is not yours to write, and its libraries are not installed: start it once as its owner"
  {
    flock -w "$lock_bound_s" 9 || fail "$root: another diorama has held the lock for $lock_bound_s s"
    if ! libraries_fresh; then
      say 'installing the libraries of package-lock.json'
      rm -f "$root/node_modules/.diorama-lock"
      PATH=${node%/*}:$PATH run_npm "$cache/setup/npm-ci.log" ci
      sha256sum <"$root/package-lock.json" >"$root/node_modules/.diorama-lock.part"
      mv "$root/node_modules/.diorama-lock.part" "$root/node_modules/.diorama-lock"
    fi
  } 9<"$root/package-lock.json"
}

# npm keeps its own cache in ours when there is no home for it.
run_npm() {
  local log=$1
  shift
  [[ -w ${HOME:-/nonexistent} ]] || export npm_config_cache=$cache/npm
  (cd "$root" && exec timeout --foreground "$npm_bound_s" npm "$@") >"$log" 2>&1 </dev/null && return
  tail -n 15 "$log" >&2
  fail "npm $1 failed; all it said is in $log"
}
