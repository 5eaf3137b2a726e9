"""Charts: the way in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from renderer.jobs import executor
from renderer.models import Chart, RenderJob
from renderer.models.job import Status, Trigger


def test_a_spec_is_accepted_before_it_is_drawn(api: Any, ada: User, spec: dict[str, Any]) -> None:
    answer = api.post("/charts", {"spec": spec, "name": "Fruit", "formats": ["png", "svg"]}, X_Request_ID="req-1")

    job = RenderJob.objects.get()
    assert answer.status == 202
    assert answer.headers["Location"] == f"/api/v1/jobs/{job.pk}" == answer.body["job"]["links"]["self"]
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.headers["X-Request-ID"] == "req-1"
    assert (job.status, job.trigger, job.owner, job.request_id) == (Status.QUEUED, Trigger.API, ada, "req-1")
    body = answer.body
    assert (body["job"]["status"], body["job"]["queue_position"], body["job"]["attempt"]) == ("queued", 0, 0)
    assert (body["chart"]["name"], body["chart"]["title"], body["chart"]["picture"]) == ("Fruit", "Fruit", None)
    assert body["chart"]["formats"] == ["png", "svg"]
    assert body["chart"]["job"]["id"] == str(job.pk)
    assert "spec" not in body["chart"], "megabytes of data are not sent back"


def test_a_figure_function_is_accepted_with_its_defaults(api: Any) -> None:
    answer = api.post("/charts", {"figure": "test.sales", "params": {"year": 2026}})

    assert answer.status == 202
    chart = Chart.objects.get()
    assert (chart.figure, chart.params) == ("test.sales", {"year": 2026, "region": "EU"})
    assert answer.body["chart"]["figure"] == "test.sales"


def test_the_same_ask_twice_is_one_chart_and_one_job(api: Any, spec: dict[str, Any]) -> None:
    first, second = api.post("/charts", {"spec": spec}), api.post("/charts", {"spec": spec})

    assert (first.status, second.status) == (202, 202)
    assert first.body["job"]["id"] == second.body["job"]["id"]
    assert first.body["chart"]["id"] == second.body["chart"]["id"]


def test_a_picture_that_is_there_answers_at_once(
    api: Any, spec: dict[str, Any], draw: Callable[..., RenderJob], media: object
) -> None:
    api.post("/charts", {"spec": spec})
    job = draw(RenderJob.objects.get())

    answer = api.post("/charts", {"spec": spec}, Prefer="wait=30")

    assert answer.status == 200
    assert answer.body["job"]["id"] == str(job.pk)
    assert answer.headers["Location"] == answer.body["chart"]["links"]["self"]
    assert "Retry-After" not in answer.headers
    assert answer.body["chart"]["picture"]["files"][0]["format"] == "png"
    assert RenderJob.objects.count() == 1


def test_changing_data_are_drawn_again_unless_the_client_takes_older_ones(
    api: Any, draw: Callable[..., RenderJob], media: object
) -> None:
    ask = {"figure": "test.sales", "params": {"year": 2026}}
    api.post("/charts", ask)
    draw(RenderJob.objects.get())

    assert api.post("/charts", {**ask, "max_age": 3600}).status == 200
    assert api.post("/charts", ask).status == 202


def test_two_named_charts_may_be_alike(api: Any, spec: dict[str, Any]) -> None:
    one, two = (api.post("/charts", {"spec": spec, "name": name}).body["chart"]["id"] for name in ("a", "b"))
    assert one != two


@pytest.mark.parametrize(
    ("body", "pointer", "message"),
    [
        ({}, "", "send either a 'spec', or a 'figure' with its 'params'"),
        ({"spec": {}, "figure": "test.sales"}, "", "not both"),
        ({"spec": 7}, "/spec", "object"),
        ({"spec": {"kind": "bra"}}, "/spec/kind", "did you mean 'bar'"),
        ({"spec": {"kind": "bar", "hue": "x"}}, "/spec/hue", "did you mean 'color'"),
        (
            {"spec": {"kind": "bar", "data": {"values": [{"q": "a", "n": 1}]}, "x": "r", "y": "n"}},
            "/spec/x",
            "no column 'r'",
        ),
        ({"figure": "test.sale"}, "/figure", "did you mean 'test.sales'"),
        ({"figure": 7}, "/figure", "must be a text, not 7"),
        ({"figure": "test.sales"}, "/params/year", "'year' is required"),
        ({"figure": "test.sales", "params": {"year": "x"}}, "/params/year", "integer"),
        ({"figure": "test.sales", "params": {"year": 1, "yaer": 1}}, "/params/yaer", "did you mean 'year'"),
        ({"figure": "test.sales", "params": []}, "/params", "must be an object, not a list"),
        ({"figure": "test.sales", "params": {"year": 1}, "formats": ["gif"]}, "/formats/0", "must be 'png'"),
        ({"figure": "test.sales", "params": {"year": 1}, "formats": []}, "/formats", "must not be empty"),
        ({"figure": "test.sales", "params": {"year": 1}, "fromats": []}, "/fromats", "did you mean 'formats'"),
        ({"figure": "test.sales", "params": {"year": 1}, "owner": 1}, "/owner", "unknown field 'owner'; there are"),
        ({"figure": "test.sales", "params": {"year": 1}, "max_age": -1}, "/max_age", "must be at least 0, not -1"),
        ({"figure": "test.sales", "params": {"year": 1}, "max_age": "1"}, "/max_age", "must be a whole number"),
        ({"figure": "test.sales", "params": {"year": 1}, "name": "a\nb"}, "/name", "line break"),
        ({"figure": "test.sales", "params": {"year": 1}, "name": "x" * 201}, "/name", "longer than 200"),
    ],
)
def test_wrong_fields_are_named(api: Any, body: object, pointer: str, message: str) -> None:
    answer = api.post("/charts", body)

    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["code"] == "invalid"
    assert [e for e in answer.body["errors"] if e["pointer"] == pointer and message in e["message"]], answer.body
    assert not Chart.objects.exists()
    assert not RenderJob.objects.exists()


def test_all_wrong_fields_are_named_at_once(api: Any) -> None:
    answer = api.post("/charts", {"spec": {"kind": "bra"}, "formats": ["gif"], "nmae": "x", "params": {}})

    errors = answer.body["errors"]
    assert {"/spec/kind", "/formats/0", "/nmae", "/params"} <= {e["pointer"] for e in errors}
    first = f"{errors[0]['pointer']}: {errors[0]['message']}"
    assert answer.body["detail"] == f"{first} (and {len(errors) - 1} more)"


def test_one_chart_with_its_recipe_and_its_newest_job(api: Any, chart: Chart, drawn: RenderJob) -> None:
    answer = api.get(f"/charts/{chart.pk}")

    assert answer.status == 200
    assert answer.body["spec"] == chart.spec
    assert answer.body["job"]["id"] == str(drawn.pk)
    picture = answer.body["picture"]
    assert (picture["alt"], picture["width"], picture["height"]) == ("Two bars.", 80, 50)
    assert api.get(picture["files"][0]["url"]).status == 200
    again = api.get(f"/charts/{chart.pk}", If_None_Match=answer.headers["ETag"])
    assert (again.status, again.content) == (304, b"")


def test_charts_come_in_pages_newest_first(api: Any, bobs_api: Any, spec: dict[str, Any]) -> None:
    bobs_api.post("/charts", {"spec": spec})
    made = [api.post("/charts", {"spec": spec, "name": str(n)}).body["chart"]["id"] for n in range(5)]

    seen: list[str] = []
    cursor = ""
    for _ in range(3):
        page = api.get(f"/charts?limit=2&cursor={cursor}").body
        seen += [chart["id"] for chart in page["items"]]
        cursor = page["next_cursor"]
    assert seen == made[::-1]
    assert cursor is None


def test_a_page_of_charts_takes_few_queries(
    api: Any, spec: dict[str, Any], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(3):
        api.post("/charts", {"spec": spec, "name": str(n)})

    with django_assert_max_num_queries(7):
        items = api.get("/charts").body["items"]
    assert [item["job"]["status"] for item in items] == ["queued"] * 3


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("cursor=x!", "/cursor"), ("limit=0", "/limit"), ("limit=1000", "/limit"), ("limit=x", "/limit")],
)
def test_wrong_parameters_are_named(api: Any, query: str, pointer: str) -> None:
    answer = api.get(f"/charts?{query}")

    assert answer.status == 422
    assert [(e["pointer"], e["in"]) for e in answer.body["errors"]] == [(pointer, "query")]


def test_a_name_is_changed_without_drawing(api: Any, chart: Chart) -> None:
    answer = api.patch(f"/charts/{chart.pk}", {"name": "  Vegetables "})

    assert (answer.status, answer.body["name"]) == (200, "Vegetables")
    assert not RenderJob.objects.exists()


def test_another_recipe_is_drawn_and_the_old_picture_stays(
    api: Any, chart: Chart, drawn: RenderJob, spec: dict[str, Any]
) -> None:
    answer = api.patch(f"/charts/{chart.pk}", {"spec": spec | {"title": "Vegetables"}})

    assert answer.status == 202
    assert answer.body["chart"]["title"] == "Vegetables"
    assert answer.body["job"]["id"] != str(drawn.pk)
    assert answer.body["chart"]["picture"]["files"], "the last good picture is still shown"


def test_formats_and_parameters_change_alone(api: Any, chart: Chart) -> None:
    assert api.patch(f"/charts/{chart.pk}", {"formats": ["webp"]}).status == 202
    chart.refresh_from_db()
    assert (chart.formats, chart.spec is not None) == (["webp"], True)

    sales = api.post("/charts", {"figure": "test.sales", "params": {"year": 1}}).body["chart"]["id"]
    assert api.patch(f"/charts/{sales}", {"params": {"year": 2}}).status == 202
    assert Chart.objects.get(pk=sales).params == {"year": 2, "region": "EU"}


def test_a_wrong_change_changes_nothing(api: Any, chart: Chart) -> None:
    answer = api.patch(f"/charts/{chart.pk}", {"spec": {"kind": "bra"}, "name": "new", "image": "x"})

    assert answer.status == 422
    assert {"/spec/kind", "/image"} <= {e["pointer"] for e in answer.body["errors"]}
    chart.refresh_from_db()
    assert chart.name == "Fruit"


def test_two_unnamed_charts_of_one_recipe_cannot_be(api: Any, chart: Chart, spec: dict[str, Any]) -> None:
    assert api.post("/charts", {"spec": spec}).status == 202

    answer = api.patch(f"/charts/{chart.pk}", {"name": ""})
    assert (answer.status, answer.body["code"]) == (409, "chart_exists")


def test_a_chart_goes_with_its_jobs_and_files(api: Any, chart: Chart, drawn: RenderJob, media: Any) -> None:
    answer = api.delete(f"/charts/{chart.pk}")

    assert (answer.status, answer.content) == (204, b"")
    assert not Chart.objects.exists()
    assert not RenderJob.objects.exists()
    assert api.delete(f"/charts/{chart.pk}").status == 404


def test_render_answers_with_what_is_there_unless_forced(api: Any, chart: Chart, drawn: RenderJob) -> None:
    assert api.post(f"/charts/{chart.pk}/render").status == 200
    forced = api.post(f"/charts/{chart.pk}/render", {"force": True})
    assert forced.status == 202
    assert UUID(forced.body["job"]["id"]) != drawn.pk
    assert api.post(f"/charts/{chart.pk}/render", {"force": 1}).body["errors"][0]["pointer"] == "/force"


@pytest.mark.parametrize(
    "tail", ["01A202C6-3138-7593-A6D6-3000AA267B1B", "x", "١", "01a202c6-3138-7593-a6d6-3000aa267b1b "]
)
def test_ids_are_lower_case_uuids(api: Any, tail: str) -> None:
    answer = api.get(f"/charts/{tail}")
    assert (answer.status, answer.body["code"]) == (404, "not_found")


def test_scales_and_themes_are_files_of_one_job(api: Any, draw: Any, spec: dict[str, Any]) -> None:
    answer = api.post("/charts", {"spec": spec, "scales": [1, 2], "themes": ["light", "dark"]})
    assert answer.status == 202
    assert (answer.body["chart"]["scales"], answer.body["chart"]["themes"]) == ([1.0, 2.0], ["light", "dark"])

    wrong = api.post("/charts", {"spec": spec, "scales": [9], "themes": ["drak"]})
    assert wrong.status == 422
    assert [problem["pointer"] for problem in wrong.body["errors"]] == ["/themes/0", "/scales/0"]

    chart_id = answer.body["chart"]["id"]
    changed = api.patch(f"/charts/{chart_id}", {"scales": [3]})
    assert changed.body["chart"]["scales"] == [3.0]
    assert changed.body["chart"]["themes"] == ["light", "dark"], "what a change leaves out stays"


def test_a_picture_that_is_still_right_is_left_and_the_job_says_so(
    api: Any, spec: dict[str, Any], media: object
) -> None:
    """A recipe that reads the clock is looked at anew each time."""

    def execute(job: RenderJob) -> RenderJob:
        assert executor.execute(job.pk, worker="w@host#1", task_id=f"task-{job.pk}")
        job.refresh_from_db()
        return job

    timed = spec | {"params": {"since": "ago('30d')"}}
    chart = api.post("/charts", {"spec": timed, "name": "Fruit"}).body["chart"]["id"]
    first = execute(RenderJob.objects.get())
    drawn = api.get(f"/charts/{chart}").body["picture"]
    assert drawn["checked_at"] == drawn["rendered_at"]

    assert api.post(f"/charts/{chart}/render").status == 202
    second = execute(RenderJob.objects.latest("pk"))

    answer = api.get(f"/jobs/{second.pk}").body
    assert (answer["status"], answer["unchanged"]) == ("succeeded", True)
    assert answer["message"].startswith("Nothing changed; the picture of ")
    picture = api.get(f"/charts/{chart}").body["picture"]
    assert (picture["files"], picture["rendered_at"]) == (drawn["files"], drawn["rendered_at"])
    assert picture["checked_at"] > drawn["checked_at"]
    assert api.get(f"/charts/{chart}/image.png").status == 200
    assert api.get(f"/jobs/{first.pk}").body["unchanged"] is False

    api.post(f"/charts/{chart}/render", {"force": True})
    assert not execute(RenderJob.objects.latest("pk")).unchanged


def test_an_owner_with_too_many_jobs_waiting_is_told_when_to_come_again(api: Any, spec: Any, settings: Any) -> None:
    settings.FIGPRESS_MAX_WAITING = 1
    assert api.post("/charts", {"spec": spec | {"title": "1"}}).status == 202

    refused = api.post("/charts", {"spec": spec | {"title": "2"}})

    assert (refused.status, refused.body["code"]) == (429, "too_many_jobs")
    assert "1 jobs waiting in the queue interactive" in refused.body["detail"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert Chart.objects.count() == 1, "nothing is left of what was refused"
    assert api.post("/charts", {"spec": spec | {"title": "1"}}).status == 202, "what waits already is joined"


def test_charts_are_found_by_kind_and_tag(api: Any, bobs_api: Any, spec: dict[str, Any]) -> None:
    body = {"spec": spec, "name": "Fruit", "tags": ["Weekly", "weekly", "q3"]}
    made = api.post("/charts", body).body["chart"]
    bobs_api.post("/charts", body)
    assert (made["kind"], made["tags"]) == (spec["kind"], ["q3", "weekly"])
    for query, found in (("tag=WEEKLY", 1), (f"kind={spec['kind']}&tag=q3", 1), ("tag=daily", 0), ("kind=map", 0)):
        assert len(api.get(f"/charts?{query}").body["items"]) == found, query
        assert api.get(f"/charts/counts?{query}").body["total"] == found, query
    address = f"/charts/{made['id']}"
    assert api.patch(address, {"name": "Nuts"}).body["tags"] == ["q3", "weekly"]
    assert api.patch(address, {"tags": []}).body["tags"] == []
    wrong = api.patch(address, {"tags": ["a,b"]})
    assert (wrong.status, wrong.body["errors"][0]["pointer"]) == (422, "/tags/0")
