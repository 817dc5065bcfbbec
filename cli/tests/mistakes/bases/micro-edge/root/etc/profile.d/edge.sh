export EDITOR=vi
if [ -n "$PS1" ]; then
    echo "Changes of the root need transactional-update"
fi
