autoload -Uz compinit && compinit
PROMPT='%n@%m %~ %# '
