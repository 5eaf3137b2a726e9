"""Where everything is: pages at the root, the API under /api/v1/, the admin under /admin/."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from renderer.web.signing import AdminSignInForm

# Tries are counted there as on the sign-in page.
admin.site.login_form = AdminSignInForm

# What Django refuses before any view (a foreign Host header, for one) is a problem below /api/, too.
handler400 = "renderer.api.boundary.bad_request"
urlpatterns: list[URLPattern | URLResolver] = [
    # One way in, with the second step and single sign-on; what the admin's own form says is for projects that keep it.
    path("admin/login/", RedirectView.as_view(pattern_name="sign-in", query_string=True)),
    # And one place for a new password, where tries are counted and the other sessions end.
    path("admin/password_change/", RedirectView.as_view(pattern_name="password")),
    path("admin/", admin.site.urls),
    path("api/", include("renderer.api.urls")),
    # For pages that name no icon of their own: the admin, the shop, the API's documentation.
    path("favicon.ico", lambda request: redirect(static("renderer/favicon.svg"), permanent=False)),
]
if settings.EXAMPLES:
    from examples.shop.views import picture

    # The only pictures with a public address: the shop's, by its own choice, from a folder of their own.
    urlpatterns += [path("shop/", include("examples.shop.urls")), path("media/<path:path>", picture)]
urlpatterns.append(path("", include("renderer.web.urls")))

handler404 = "renderer.web.errors.not_found"
handler500 = "renderer.web.errors.server_error"
