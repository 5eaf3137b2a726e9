"""Addresses of the pages. Ids are lower-case UUIDs and nothing else."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from renderer.web import batches, charts, figures, jobs, llms, making, monitoring, schedules, tokens

urlpatterns = [
    path("llms.txt", llms.page, name="llms"),
    path("", charts.gallery, name="gallery"),
    path("live/", charts.gallery_live, name="gallery-live"),
    path(
        "sign-in/",
        LoginView.as_view(template_name="renderer/sign_in.html", redirect_authenticated_user=True, next_page="gallery"),
        name="sign-in",
    ),
    path("sign-out/", LogoutView.as_view(next_page="sign-in"), name="sign-out"),
    path("charts/new/", making.new_from_spec, name="new-chart"),
    path("charts/new/figures/", making.figures, name="figures"),
    path("charts/new/figures/<str:name>/", making.new_from_figure, name="new-from-figure"),
    path("charts/<uuid:pk>/", charts.chart, name="chart"),
    path("charts/<uuid:pk>/live/", charts.chart_live, name="chart-live"),
    path("charts/<uuid:pk>/edit/", making.edit, name="edit-chart"),
    path("charts/<uuid:pk>/render/", charts.draw, name="render-chart"),
    path("charts/<uuid:pk>/cancel/", charts.cancel, name="cancel-chart"),
    path("charts/<uuid:pk>/delete/", charts.delete, name="delete-chart"),
    path("charts/<uuid:pk>/schedules/", schedules.create, name="create-schedule"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/live/", jobs.jobs_live, name="jobs-live"),
    path("jobs/<uuid:pk>/", jobs.job, name="job"),
    path("jobs/<uuid:pk>/live/", jobs.job_live, name="job-live"),
    path("jobs/<uuid:pk>/cancel/", jobs.cancel, name="cancel-job"),
    path("jobs/<uuid:pk>/retry/", jobs.retry, name="retry-job"),
    path("batches/", batches.batches, name="batches"),
    path("batches/live/", batches.batches_live, name="batches-live"),
    path("batches/<uuid:pk>/", batches.batch, name="batch"),
    path("batches/<uuid:pk>/live/", batches.batch_live, name="batch-live"),
    path("batches/<uuid:pk>/cancel/", batches.cancel, name="cancel-batch"),
    path("schedules/", schedules.schedules, name="schedules"),
    path("schedules/preview/", schedules.preview, name="preview-schedule"),
    path("schedules/<uuid:pk>/", schedules.schedule, name="schedule"),
    path("schedules/<uuid:pk>/live/", schedules.schedule_live, name="schedule-live"),
    path("schedules/<uuid:pk>/change/", schedules.change, name="change-schedule"),
    path("schedules/<uuid:pk>/pause/", schedules.pause, name="pause-schedule"),
    path("schedules/<uuid:pk>/resume/", schedules.resume, name="resume-schedule"),
    path("schedules/<uuid:pk>/run/", schedules.run, name="run-schedule"),
    path("schedules/<uuid:pk>/delete/", schedules.delete, name="delete-schedule"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<uuid:pk>/revoke/", tokens.revoke, name="revoke-token"),
    path("figures/<str:signed>/", figures.state, name="figure-state"),
    path("healthz", monitoring.healthz, name="healthz"),
    path("readyz", monitoring.readyz, name="readyz"),
    path("metrics", monitoring.prometheus, name="metrics"),
]
