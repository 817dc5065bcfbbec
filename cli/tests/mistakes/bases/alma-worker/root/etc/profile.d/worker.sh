export WORKER_HOME=/var/lib/worker
