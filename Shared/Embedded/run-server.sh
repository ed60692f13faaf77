#!/bin/sh
# Runs one server in the foreground and sees to it that it ends when it should. Written anew at every start.
#
#   run-server.sh SIGNAL FOLDER WATCH KEEP COMMAND [ARGUMENT...]
#
#   SIGNAL  what ends the server at once but cleanly: INT for Postgres (TERM would wait for its clients), TERM for others
#   FOLDER  the server's own folder; its name is part of the server's command line
#   WATCH   stdin: end the server when standard input closes, as it does however the starter dies; none: don't
#   KEEP    keep, or remove the folder after the server has ended
signal=$1 folder=$2 watch=$3 keep=$4
shift 4
pids=$folder/pids

# Process identifiers are reused: ours is the one that has our folder on its command line.
is_ours() {
    [ -n "$1" ] || return 1
    if [ -r "/proc/$1/cmdline" ]; then tr '\0' ' ' <"/proc/$1/cmdline"; else ps -o args= -p "$1"; fi 2>/dev/null | grep -qF "$folder"
}

# Ends process $1: asks with the signal, insists after 10 s.
end() {
    kill -"$signal" "$1" 2>/dev/null
    tries=100
    while kill -0 "$1" 2>/dev/null; do
        [ $tries -gt 0 ] || kill -KILL "$1"
        tries=$((tries - 1))
        sleep 0.1
    done
}

runner= server=
[ -r "$pids" ] && read -r runner server <"$pids"
if is_ours "$runner" && is_ours "$server"; then
    echo "The server in $folder already runs as process $server. Stop it first, or give this one another data folder." >&2
    exit 98
fi
# A runner that was killed leaves its server behind; two servers on the same data would destroy it.
if is_ours "$server"; then end "$server"; fi

exec 3<&0
"$@" </dev/null 3<&- &
server=$!
echo "$$ $server" >"$pids"

stopped=
trap 'stopped=yes; kill -"$signal" "$server" 2>/dev/null' INT TERM HUP

watcher=
if [ "$watch" = stdin ]; then
    {
        trap - INT TERM HUP
        while read -r _; do :; done
        end "$server"
        # Reached when the runner itself is gone and cannot tidy up.
        [ "$keep" = remove ] && [ ! -d "/proc/$$" ] && rm -rf "$folder"
    } <&3 >/dev/null 2>&1 &
    watcher=$!
fi
exec 3<&-

# A trapped signal interrupts wait; it is over when the server is gone.
while :; do
    wait "$server"
    status=$?
    kill -0 "$server" 2>/dev/null || break
done
[ -n "$watcher" ] && kill -KILL "$watcher" 2>/dev/null
rm -f "$pids"
[ "$keep" = remove ] && rm -rf "$folder"
[ -n "$stopped" ] && exit 0
exit "$status"
