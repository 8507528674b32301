# shellcheck shell=bash
# Leaves out what the caller's environment would lead Python, git and cd astray with.
unset CDPATH GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
unset PYTHONHOME PYTHONOPTIMIZE PYTHONPATH PYTHONSAFEPATH PYTHONWARNINGS
