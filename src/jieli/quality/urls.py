"""The addresses of call-backs and recoveries."""

from django.urls import path

from jieli.quality.views import answering, calling, recovering

app_name = "quality"

urlpatterns = [
    path("call-backs/", calling.callbacks, name="callbacks"),
    path("call-backs/mine/", calling.callbacks, {"view": "mine"}, name="mine"),
    path("call-backs/said/", calling.callbacks, {"view": "said"}, name="said"),
    path("call-backs/count/", calling.mine_number, name="mine_count"),
    path("call-backs/<int:callback_id>/", calling.callback, name="callback"),
    path("call-backs/<int:callback_id>/take/", calling.take, name="take"),
    path("call-backs/<int:callback_id>/attempt/", calling.attempt, name="attempt"),
    path("call-backs/<int:callback_id>/link/", calling.send_link, name="send_link"),
    path("call-backs/<int:callback_id>/not-about-visit/", calling.judge, name="judge"),
    path("call-backs/<int:callback_id>/delight/", calling.delight, name="delight"),
    path("call-backs/of-case/<int:case_id>/", calling.of_case, name="of_case"),
    path("call-backs/of-case/<int:case_id>/open/", calling.of_case_page, name="of_case_page"),
    path("call-backs/of-case/<int:case_id>/recovery/", recovering.recovery_of_case, name="recovery_of_case"),
    path("call-backs/recoveries/<int:recovery_id>/", recovering.recovery, name="recovery"),
    path("call-backs/recoveries/<int:recovery_id>/spend/", recovering.spend_amount, name="spend"),
    path("call-backs/amounts/<int:spending_id>/decide/", recovering.decide, name="decide_amount"),
    path("call-backs/answer/<str:code>/", answering.answer, name="answer"),
    path("call-backs/answer/<str:code>/thanks/", answering.answered, name="answered"),
]
