"""The moto server as a process of the local stack: ``python -m infra.local.moto_process -H HOST -p PORT``."""

import sys

from moto.server import main

from infra.local.cbor_protocol import speak_cbor
from infra.local.isolation import isolate
from infra.local.moto_cloudwatch import keep_series
from infra.local.moto_metrics import add_metrics

if __name__ == "__main__":
    isolate()
    add_metrics()
    keep_series()
    speak_cbor()
    main(sys.argv[1:])
