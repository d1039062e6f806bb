"""The command line with files and waiting: upload, train, predict, batch, export, erase."""

import io
import json
import re

import httpx
import pytest

from csv_analyzer_client.cli import run as run_module
from tests.unit.client.fake_service import BATCH, DATASET, JOB, S3, SERVICE, answer, predicted, problem


def test_upload_waits(service, full, tmp_path):
    form = {"url": f"{S3}/", "fields": {}, "expires_in_seconds": 1}
    file = tmp_path / "houses.csv"
    file.write_text("a,b\n1,2\n")
    service.on("POST", "/datasets", answer(DATASET | {"status": "UPLOADING", "upload": form}, 201))
    service.on("POST", f"{S3}/", httpx.Response(204))
    service.on("GET", "/datasets/d1", answer(DATASET | {"status": "ANALYZING"}), answer(DATASET))
    done = full("upload", str(file), "--wait", "--name", "other.csv")
    assert done.exit_code == 0, done.output
    assert "READY" in done.stdout
    assert "ANALYZING" in done.stderr
    assert json.loads(service.requests[0].content) == {"file_name": "other.csv", "size_bytes": 8}
    quiet = full("upload", str(file), "--wait", "--quiet", "--json")
    assert quiet.stderr == ""
    assert json.loads(quiet.stdout)["status"] == "READY"


def test_a_training_that_fails_ends_with_one(service, full):
    error = {"code": "target_constant", "message": "Only one value."}
    service.on("GET", "/jobs/j1", answer(JOB | {"status": "FAILED", "error": error}))
    done = full("train", "d1", "--target", "price", "--follow")
    assert done.exit_code == 1
    assert "Only one value." in done.stderr


def test_a_wait_that_is_broken_off_says_how_to_go_on(service, full):
    def interrupt(_):
        raise KeyboardInterrupt

    service.on("GET", "/jobs/j1", interrupt)
    done = full("train", "d1", "--target", "price", "--follow")
    assert done.exit_code == 130
    assert "csv-analyzer cancel j1" in done.stderr
    late = full("train", "d1", "--target", "price", "--follow", "--timeout", "0")
    assert late.exit_code == 5
    assert "csv-analyzer job j1 --follow" in late.stderr


@pytest.mark.parametrize("reply", [problem(503), httpx.ReadError("cut"), problem(401)])
def test_a_wait_that_the_service_breaks_off_says_how_to_go_on(service, full, reply):
    service.on("GET", "/jobs/j1", reply)
    done = full("train", "d1", "--target", "price", "--follow")
    assert done.exit_code in {3, 6}
    assert "csv-analyzer job j1 --follow" in done.stderr


def test_labels_that_are_no_text_are_written_spelled_out(service, full, tmp_path):
    label = "\ud800\x1b"
    content = predicted(1.0) | {"predictions": [{"prediction": label}]}
    service.on("POST", "/models/houses/predict", httpx.Response(200, content=json.dumps(content)))
    out = tmp_path / "out.csv"
    assert full("predict", "houses", "--set", "rooms=1", "--format", "csv", "--out", str(out)).exit_code == 0
    assert out.read_text() == "prediction\n\\ud800\x1b\n"


def test_predict_reads_files_and_writes_csv_in_chunks(service, full, tmp_path, monkeypatch):
    monkeypatch.setattr("csv_analyzer_client.predicting.MAX_INSTANCES", 2)

    def echo(request):
        return answer(predicted(*(row["rooms"] for row in json.loads(request.content)["instances"])))

    service.on("POST", "/models/houses/predict", echo)
    file = tmp_path / "rows.csv"
    file.write_text("rooms,kind,new,id\n1,flat,true,7\n2,house,false,8\n3,,true,9\n")
    done = full("predict", "houses", str(file), "--format", "csv")
    assert done.exit_code == 0, done.output
    assert done.stdout == "prediction,low,high\n1.0,0.0,2.0\n2.0,1.0,3.0\n3.0,2.0,4.0\n"
    assert "does not use it: id" in done.stderr
    out = tmp_path / "out.csv"
    assert full("predict", "houses", str(file), "--format", "csv", "--out", str(out)).stdout == ""
    assert out.read_text() == done.stdout
    as_json = full("predict", "houses", "-", "--json", "--strict", stdin='[{"rooms": 5}]')
    assert json.loads(as_json.stdout)["predictions"][0]["prediction"] == 5
    assert service.body()["strict"] is True
    assert full("predict", "houses", str(file), "--input", "json").exit_code == 2
    assert full("predict", "houses", stdin="").exit_code == 2


def test_predict_shows_classes_reasons_and_warnings(service, full):
    content = {
        "model": "titanic",
        "version": 1,
        "stage": "production",
        "warnings_total": 3,
        "warnings": [{"instance": 0, "feature": "age", "code": "out_of_range", "message": "Beyond."}],
        "predictions": [
            {
                "prediction": "yes",
                "probabilities": {"no": 0.25, "yes": 0.75},
                "reasons": {
                    "class": "yes",
                    "base": 0.4,
                    "contributions": [{"feature": "sex", "value": "f", "contribution": 0.35}],
                },
            }
        ],
    }
    service.on("POST", "/models/houses/predict", answer(content))
    done = full("predict", "houses", "--set", "rooms=1", "--explain")
    for text in ("75.0%", "probability of yes, from 0.4", "+0.35", "Beyond.", "... and 2 more."):
        assert text in done.stdout
    as_csv = full("predict", "houses", "--set", "rooms=1", "--format", "csv")
    assert as_csv.stdout == "prediction,p_no,p_yes\nyes,0.25,0.75\n"


def test_batch_and_export_write_where_they_are_told(service, full, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("rooms\n1\n")
    form = {"url": f"{S3}/", "fields": {}, "expires_in_seconds": 1}
    service.on("POST", "/models/houses/batch", answer(BATCH | {"status": "UPLOADING", "upload": form}, 201))
    service.on("POST", f"{S3}/", httpx.Response(204))
    service.on("GET", f"{S3}/p", httpx.Response(200, content=b"p"))
    service.on("GET", f"{S3}/e", httpx.Response(200, content=b"e"))
    done = full("batch", "houses", "rows.csv", "--out", "p.csv")
    assert done.exit_code == 0, done.output
    assert "1 rows have no prediction; --errors FILE" in done.stderr
    assert full("batches", "houses", "b1", "--out", "q.csv", "--errors", "e.csv").exit_code == 0
    digest = "e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8"
    service.on(
        "GET",
        "/models/houses/export",
        answer(
            {
                "model": "houses",
                "version": 1,
                "format": "onnx",
                "size_bytes": 1,
                "sha256": digest,
                "file_name": "../../evil",
                "url": f"{S3}/m",
                "parity": 0.0,
                "expires_in_seconds": 1,
            }
        ),
    )
    service.on("GET", f"{S3}/m", httpx.Response(200, content=b"t"))
    assert full("export", "houses", "--format", "onnx").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "e.csv",
        "houses.onnx",
        "p.csv",
        "q.csv",
        "rows.csv",
    ]


def test_erasing_asks_first(service, full, monkeypatch):
    asked = []
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("typer.confirm", lambda text, **_: asked.append(text))
    from csv_analyzer_client.cli.registry import Kind, delete

    output = run_module.Output(as_json=True)
    delete(run_module.Run(output, None, SERVICE), Kind.MODEL, "houses")
    assert asked == ["Erase model houses, all of its versions, for good?"]
    assert service.calls[-1] == "DELETE /v1/models/houses"


class Terminal(io.StringIO):
    """A stdin that is one."""

    def isatty(self):
        return True


def test_outcomes_of_a_file_go_out_by_the_thousand_and_count_once(service, full, tmp_path, monkeypatch):
    monkeypatch.setattr("csv_analyzer_client.model_calls.MAX_OUTCOMES", 2)
    known = set()

    def count(request):
        sent = json.loads(request.content)
        new = sent["id"] not in known
        known.add(sent["id"])
        return answer({"version": 1, "outcomes": len(sent["outcomes"]), "counted": new})

    service.on("POST", "/models/houses/outcomes", count)
    file = tmp_path / "came-true.csv"
    file.write_text("row,prediction,actual\n1,yes,no\n2,no,no\n3,yes,yes\n")
    done = full("outcomes", "houses", str(file), "--json")
    assert done.exit_code == 0, done.output
    assert [part["outcomes"] for part in json.loads(done.stdout)] == [2, 1]
    assert service.body()["outcomes"] == [{"prediction": "yes", "actual": "yes"}]
    again = full("outcomes", "houses", str(file))
    assert re.search(r"counted before\s+3", again.stdout)
    assert len(known) == 2
    assert full("outcomes", "houses", str(file), "--id", "may", "--version", "2").exit_code == 0
    assert (service.body()["id"], service.body()["version"]) == ("may.2", 2)
    file.write_text("prediction,actual\n")
    assert full("outcomes", "houses", str(file)).exit_code == 2
    assert full("outcomes", "houses", str(tmp_path / "none.csv")).exit_code == 2


def test_drift_shows_how_good_a_model_is_by_now(service, full):
    window = {"days": 7, "outcomes": 300, "figures": {"mae": 26.5, "r2": None}}
    quality = {
        "statement": "In 7 days 300 outcomes came back.",
        "window_days": 7,
        "training": {"figures": {"mae": 17.25}},
        "windows": [window],
    }
    service.on("GET", "/models/houses/drift", answer({"status": "ok", "windows": [], "quality": quality}))
    shown = full("drift", "houses").stdout
    assert "300 outcomes came back" in shown
    assert re.search(r"mae\s+26.5\s+17.25", shown)
